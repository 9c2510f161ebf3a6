#pragma once

#include "local/http/router.hpp"
#include "local/toolbox/child_watcher.hpp"

namespace daytona::local::toolbox {

/// Adds `POST /process/execute` and `POST /process/code-run`. `children` outlives the routes.
void add_process_routes(http::router& routes, child_watcher& children);

}  // namespace daytona::local::toolbox
