#pragma once

#include "local/http/byte_budget.hpp"
#include "local/http/router.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/memory_watch.hpp"

namespace daytona::local::toolbox {

/// What commands are run with. The references outlive the routes.
struct process_means {
  child_watcher& children;
  const memory_watch& memory;
  http::budget_ptr bodies;
  http::budget_ptr outputs;
};

/// Adds `POST /process/execute` and `POST /process/code-run`.
void add_process_routes(http::router& routes, const process_means& means);

}  // namespace daytona::local::toolbox
