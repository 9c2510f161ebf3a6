#pragma once

#include <memory>

#include "local/http/router.hpp"
#include "local/http/body_budget.hpp"
#include "local/toolbox/session/sessions.hpp"

namespace daytona::local::toolbox {

/// Adds all that lies below `/process/session`. `bodies` outlives the routes.
void add_session_routes(http::router& routes, const std::shared_ptr<sessions>& all, http::body_budget& bodies);

}  // namespace daytona::local::toolbox
