#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "client/client_core.hpp"

namespace daytona::inline v0::detail {

/// The credential of one attempt of `operation`: the API key, the JWT, or what `config::jwt_provider` gives within `op`.
awaitable<std::string> authorization(std::shared_ptr<client_core> core, net::operation& op, std::string_view operation);

}  // namespace daytona::inline v0::detail
