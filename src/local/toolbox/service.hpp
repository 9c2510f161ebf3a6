#pragma once

#include <memory>
#include <string>

#include "local/http/service.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/memory_watch.hpp"
#include "local/toolbox/pty/ptys.hpp"
#include "local/toolbox/session/sessions.hpp"

namespace daytona::local::toolbox {

/// Everything that the toolbox answers. `children` and `memory` outlive it.
std::shared_ptr<const http::service> make_service(child_watcher& children, const memory_watch& memory,
                                                  const std::shared_ptr<sessions>& all_sessions,
                                                  const std::shared_ptr<ptys>& all_ptys);

/// The home directory of the sandbox's user.
std::string home_directory();

}  // namespace daytona::local::toolbox
