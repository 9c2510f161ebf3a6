#pragma once

#include <memory>

#include "local/http/service.hpp"
#include "local/toolbox/child_watcher.hpp"

namespace daytona::local::toolbox {

/// Everything that the toolbox answers. `children` outlives it.
std::shared_ptr<const http::service> make_service(child_watcher& children);

}  // namespace daytona::local::toolbox
