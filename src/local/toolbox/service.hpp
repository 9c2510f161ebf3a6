#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "local/http/service.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/interpreter/code_contexts.hpp"
#include "local/toolbox/memory_watch.hpp"
#include "local/toolbox/process/command_output.hpp"
#include "local/toolbox/pty/ptys.hpp"
#include "local/toolbox/session/sessions.hpp"

namespace daytona::local::toolbox {

/// Bytes that requests may take of its memory.
struct service_limits {
  std::size_t bodies = 128 * 1024 * 1024;  ///< Of requests.
  std::size_t outputs = all_outputs_limit;
  std::size_t answers = 64 * 1024 * 1024;  ///< What of them waits to be read.
};

/// Everything that the toolbox answers. `children` and `memory` outlive it.
std::shared_ptr<const http::service> make_service(child_watcher& children, const memory_watch& memory,
                                                  const std::shared_ptr<sessions>& all_sessions,
                                                  const std::shared_ptr<ptys>& all_ptys,
                                                  const std::shared_ptr<code_contexts>& all_contexts,
                                                  const service_limits& limits = service_limits{});

/// The home directory of the sandbox's user.
std::string home_directory();

}  // namespace daytona::local::toolbox
