#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

/// The Python program that a worker runs: worker.py.
extern const std::string_view worker_program;

/// A worker that was started, and this side of what leads to it, all of it non-blocking.
struct worker_process {
  pid_t process = -1;
  unique_fd channel;  ///< A packet socket.
  unique_fd output;   ///< What it and its children write to descriptors 1 and 2.
  unique_fd errors;
};

/// By this variable, whose value no other context of the machine has, processes are found that left their session and lost their parent.
inline constexpr const char* context_variable = "DAYTONA_INTERPRETER_CONTEXT";

/// Starts one of a context in `directory` (empty = the toolbox's own), the leader of a session of processes. Throws `std::system_error`, which says what is
/// missing.
worker_process start_worker_process(const std::string& mark, const std::string& directory);

/// Where the first of `python3` and `python` is among the folders of `path`; empty = nowhere.
std::string find_interpreter(std::string_view path);

}  // namespace daytona::local::toolbox
