#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/pty/pty_request.hpp"

namespace daytona::local::toolbox {

/// A pseudo-terminal, seen from the side of who looks at it and types.
class terminal {
 public:
  /// Throws `std::system_error`.
  explicit terminal(terminal_size size);

  const std::string& path() const { return path_; }  ///< Of the side that programs open.
  int descriptor() const { return master_.get(); }
  /// Gives the descriptor away; what it is good for besides ends with that.
  int release() { return master_.release(); }

 private:
  unique_fd master_;
  std::string path_;
};

/// The side that programs use, held open so that the terminal's end is that of its shell and of nothing else.
unique_fd open_program_side(const std::string& path);

/// Tells the programs of a terminal its size. Throws `std::system_error`.
void set_size(int descriptor, terminal_size size);

/// Up to `most` bytes of what was put out, without waiting; fewer only if there are no more by now.
std::string read_output(int descriptor, std::size_t most);

/// Types as many of `bytes` as there is room for, without waiting. Throws `std::system_error` if nobody can take them any longer.
std::size_t type(int descriptor, std::string_view bytes);

}  // namespace daytona::local::toolbox
