#pragma once

#include <memory>

#include "local/http/router.hpp"
#include "local/http/body_budget.hpp"
#include "local/toolbox/pty/ptys.hpp"

namespace daytona::local::toolbox {

/// Adds all that lies below `/process/pty`. `bodies` outlives the routes.
void add_pty_routes(http::router& routes, const std::shared_ptr<ptys>& all, http::body_budget& bodies);

}  // namespace daytona::local::toolbox
