#pragma once

#include <vector>

#include "daytona/error.hpp"
#include "model/headers.hpp"

namespace daytona::model {

/// Collects `X-RateLimit-{Limit,Remaining,Reset}` and their `-{name}` forms. What is not a number is left out.
std::vector<rate_limit> rate_limits(const header_list& headers);

}  // namespace daytona::model
