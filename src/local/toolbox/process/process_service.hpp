#pragma once

#include "local/http/router.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/memory_watch.hpp"

namespace daytona::local::toolbox {

/// Adds `POST /process/execute` and `POST /process/code-run`. `children` and `memory` outlive the routes.
void add_process_routes(http::router& routes, child_watcher& children, const memory_watch& memory);

}  // namespace daytona::local::toolbox
