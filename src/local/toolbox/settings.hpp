#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "local/toolbox/interpreter/interpreter_limits.hpp"
#include "local/toolbox/pty/pty_limits.hpp"
#include "local/toolbox/session/session_limits.hpp"

namespace daytona::local::toolbox {

/// What the control plane wants of a sandbox's toolbox.
struct settings {
  settings();
  std::vector<std::string> entrypoint;  ///< Runs from the start on; empty = nothing does.
  interpreter_limits interpreter;
  session_limits sessions;
  pty_limits ptys;
  std::string toolbox = "/proc/self/exe";  ///< The program that this is: what is started of it needs no file system.
};

/// From the JSON text that `control/toolbox_settings` writes. What is absent, or not understood, is as by default.
settings parse_settings(std::string_view text);

/// Those in this process's environment, which keeps them no longer: what runs in the sandbox need not know.
settings take_settings();

}  // namespace daytona::local::toolbox
