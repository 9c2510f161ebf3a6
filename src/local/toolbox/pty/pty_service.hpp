#pragma once

#include <memory>

#include "local/http/byte_budget.hpp"
#include "local/http/router.hpp"
#include "local/toolbox/pty/ptys.hpp"

namespace daytona::local::toolbox {

/// Adds all that lies below `/process/pty`.
void add_pty_routes(http::router& routes, const std::shared_ptr<ptys>& all, http::budget_ptr bodies);

}  // namespace daytona::local::toolbox
