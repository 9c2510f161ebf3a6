#include "protocol/poll_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace daytona::protocol {

std::chrono::milliseconds poll_pause(unsigned round, std::size_t waits, double jitter) {
  constexpr double first_ms = 100;
  constexpr double growth = 1.1;
  constexpr double longest_ms = 1000;
  constexpr double share_ms = 10;  // of one wait in the common budget
  constexpr double spread = 0.1;

  const double grown = std::min(first_ms * std::pow(growth, round), longest_ms);
  const double pause = std::max(grown, share_ms * static_cast<double>(waits));
  return std::chrono::milliseconds(std::llround(pause * (1 - spread + 2 * spread * std::clamp(jitter, 0.0, 1.0))));
}

std::chrono::milliseconds pause_before_end(std::chrono::milliseconds pause, std::chrono::nanoseconds remaining) {
  constexpr std::chrono::milliseconds shortest{100};
  if (pause < remaining) return pause;
  return std::max(shortest, std::chrono::duration_cast<std::chrono::milliseconds>(remaining / 2));
}

}  // namespace daytona::protocol
