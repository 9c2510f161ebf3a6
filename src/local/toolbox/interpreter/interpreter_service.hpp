#pragma once

#include <memory>

#include "local/http/byte_budget.hpp"
#include "local/http/router.hpp"
#include "local/toolbox/interpreter/code_contexts.hpp"

namespace daytona::local::toolbox {

/// The routes below `/process/interpreter`.
void add_interpreter_routes(http::router& routes, const std::shared_ptr<code_contexts>& all, http::budget_ptr bodies);

}  // namespace daytona::local::toolbox
