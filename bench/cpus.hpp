#pragma once

#include <sched.h>

namespace daytona::bench {

inline constexpr int client_cpu = 0;
inline constexpr int server_cpu = 1;

/// Keeps the calling process on one CPU. False if there is no such CPU: then the figures are worth less.
inline bool pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace daytona::bench
