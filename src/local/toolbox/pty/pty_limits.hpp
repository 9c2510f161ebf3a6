#pragma once

#include <chrono>
#include <cstddef>

namespace daytona::local::toolbox {

/// What PTYs may take of a sandbox. What is beyond is refused.
struct pty_limits {
  std::size_t ptys = 256;    ///< At once.
  std::size_t clients = 32;  ///< Of one PTY, at once.
  std::size_t buffer =
      256 * 1024;  ///< Bytes of output that wait for one client. While they do, the terminal is not read.
  std::size_t all_texts = 16 * 1024 * 1024;  ///< Bytes of what all PTYs were asked to be, their environments above all.
};

/// How long a client that takes nothing of what waits for it holds up the others.
inline constexpr std::chrono::seconds slow_client_patience{10};

/// Bytes of one message of a client, and of the input that waits for the terminal.
inline constexpr std::size_t longest_input = 64 * 1024;

}  // namespace daytona::local::toolbox
