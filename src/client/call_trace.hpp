#pragma once

#include "client/attempt.hpp"

namespace daytona::inline v0::detail {

/// Tells `config::on_trace` of an attempt, if there is one to tell. What it throws is dropped.
void trace_attempt(const config& settings, net::operation& op, const api_request& request, const attempt& result);

}  // namespace daytona::inline v0::detail
