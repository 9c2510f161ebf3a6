#pragma once

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/session/shell_line.hpp"

namespace daytona::local::toolbox {

/// This side of a running command's FIFOs. The shell, which opens the others, waits for none of them.
struct command_fifos {
  unique_fd output;  ///< To read.
  unique_fd errors;
  unique_fd input;  ///< To write; none if the command takes no input.
  /// Writing ends of the outputs, so that these are not at their ends before the shell has opened them.
  unique_fd kept_output;
  unique_fd kept_errors;
};

/// Makes and opens them, in the command's folder. Throws `std::system_error`.
command_fifos make_fifos(const command_places& places, bool takes_input);

/// What only a running command needs: its FIFOs and its script.
void remove_running_files(const command_places& places);

}  // namespace daytona::local::toolbox
