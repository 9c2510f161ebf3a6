#pragma once

#include "local/http/byte_budget.hpp"
#include "local/http/router.hpp"

namespace daytona::local::toolbox {

/// Adds all that lies below `/files`.
void add_file_routes(http::router& routes, const http::budget_ptr& bodies);

}  // namespace daytona::local::toolbox
