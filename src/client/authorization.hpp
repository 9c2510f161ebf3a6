#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "client/client_core.hpp"

namespace daytona::inline v0::detail {

/// The API key, or the JWT that is set; empty if `renewed_token` has to be asked.
std::string_view fixed_credential(const config& settings) noexcept;

/// What `config::jwt_provider` gives, within `op`, for one attempt of `operation`.
awaitable<std::string> renewed_token(std::shared_ptr<client_core> core, net::operation& op, std::string_view operation);

}  // namespace daytona::inline v0::detail
