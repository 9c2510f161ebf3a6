#pragma once

#include "local/http/router.hpp"
#include "local/http/body_budget.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/memory_watch.hpp"

namespace daytona::local::toolbox {

/// Adds `POST /process/execute` and `POST /process/code-run`. What they are given outlives the routes.
void add_process_routes(http::router& routes, child_watcher& children, const memory_watch& memory, http::body_budget& bodies);

}  // namespace daytona::local::toolbox
