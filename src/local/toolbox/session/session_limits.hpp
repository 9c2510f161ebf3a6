#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace daytona::local::toolbox {

/// What sessions may take of a sandbox. What is beyond is refused, or left out and said so.
struct session_limits {
  std::size_t sessions = 256;     ///< At once.
  std::size_t commands = 10'000;  ///< Of a session, kept with their logs: beyond, the oldest that is over is forgotten.
  /// Bytes of the texts of all commands that are kept, with what each takes besides.
  std::size_t all_texts = 256 * 1024 * 1024;
  std::uint64_t log_size = std::uint64_t{2} << 30;       ///< Bytes of one command's log.
  std::uint64_t all_logs_size = std::uint64_t{4} << 30;  ///< Bytes of all of them together.
  std::uint64_t free_space =
      std::uint64_t{1} << 30;  ///< Bytes that logs leave free on their disk, or a twentieth of it if that is less.
};

/// How long the processes of a session have, from the first request to end to the one that they can't refuse.
inline constexpr std::chrono::seconds end_grace{5};

}  // namespace daytona::local::toolbox
