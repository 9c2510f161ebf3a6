#pragma once

#include <chrono>
#include <cstddef>

namespace daytona::local::toolbox {

/// What the code interpreter may take of a sandbox. What is beyond is refused.
struct interpreter_limits {
  std::size_t contexts = 64;  ///< At once, besides the default one.
  std::size_t waiting = 128;  ///< Programs that wait for their turn in one context.
};

/// The time limit of a program that names none.
inline constexpr std::chrono::seconds default_program_time{600};

/// How long the processes of a context that is deleted have, from the request to end to the one that they can't refuse.
inline constexpr std::chrono::seconds context_grace{2};

}  // namespace daytona::local::toolbox
