#pragma once

#include <cstdint>
#include <string>

namespace daytona::local::toolbox {

/// How the shell of a PTY ended.
struct pty_end {
  pty_end() = default;
  /// Of a shell that ended with `wait_status`; one that was killed on request may have been ended otherwise by that.
  pty_end(int wait_status, bool was_killed);

  int exit_code = 0;   ///< 128 + signal if one ended it.
  std::string reason;  ///< Empty = in order.
};

/// What clients are told of it: the code and the reason of the close frame, and the message for those who want one.
std::uint16_t close_code_of(const pty_end& end);
std::string close_reason_of(const pty_end& end);
std::string exit_message(const pty_end& end);

/// The other messages that are no output.
std::string connected_message();
std::string error_message(const std::string& why);

}  // namespace daytona::local::toolbox
