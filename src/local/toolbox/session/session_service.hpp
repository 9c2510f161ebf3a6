#pragma once

#include <memory>

#include "local/http/byte_budget.hpp"
#include "local/http/router.hpp"
#include "local/toolbox/session/sessions.hpp"

namespace daytona::local::toolbox {

/// Adds all that lies below `/process/session`.
void add_session_routes(http::router& routes, const std::shared_ptr<sessions>& all, http::budget_ptr bodies);

}  // namespace daytona::local::toolbox
