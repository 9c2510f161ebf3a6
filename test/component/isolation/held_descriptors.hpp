#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace daytona::local::test {

/// How many this process has open, that of the look at them included.
inline std::size_t held_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace daytona::local::test
