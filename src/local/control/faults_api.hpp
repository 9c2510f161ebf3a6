#pragma once

#include <memory>

#include "local/control/faults.hpp"
#include "local/http/router.hpp"

namespace daytona::local {

/// The routes below `/local/faults`: what `server::inject` and its like do, over HTTP. Beside the API, not part of it.
void add_fault_routes(http::router& routes, const std::shared_ptr<fault_list>& faults);

/// Throws `http_error` 400 naming what is wrong.
fault read_fault(std::string_view body);

}  // namespace daytona::local
