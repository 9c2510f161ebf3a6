#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/process/system_check.hpp"

namespace daytona::local::toolbox {

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

/// A pipe that programs don't inherit unless they are given it. Throws `std::system_error`.
inline pipe_ends make_pipe() {
  int ends[2] = {-1, -1};
  check_system(::pipe2(ends, O_CLOEXEC) == 0, "make a pipe");
  return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

}  // namespace daytona::local::toolbox
