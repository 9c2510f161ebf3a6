#pragma once

#include <memory>

#include "local/http/service.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/memory_watch.hpp"

namespace daytona::local::toolbox {

/// Everything that the toolbox answers. `children` and `memory` outlive it.
std::shared_ptr<const http::service> make_service(child_watcher& children, const memory_watch& memory);

}  // namespace daytona::local::toolbox
