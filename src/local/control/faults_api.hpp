#pragma once

#include <memory>

#include "local/control/faults.hpp"
#include "local/http/body_share.hpp"
#include "local/http/router.hpp"

namespace daytona::local {

/// The routes below `/local/faults`: what `server::inject` and its like do, over HTTP. Beside the API, not part of it.
void add_fault_routes(http::router& routes, const std::shared_ptr<fault_list>& faults, http::budget_ptr bodies);

}  // namespace daytona::local
