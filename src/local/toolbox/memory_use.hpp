#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local::toolbox {

/// The memory of one process that no file on disk backs: its own, and what it shares.
struct process_memory {
  pid_t process = 0;
  std::uint64_t own = 0;
  std::uint64_t shared = 0;

  std::uint64_t all() const { return own + shared; }
};

/// The memory of all processes together, in bytes. `files` is what files in memory hold (/dev/shm, /run, System V segments): where processes map them,
/// they are in `shared` too, so that the greater of both counts.
struct memory_use {
  std::vector<process_memory> processes;
  std::uint64_t files = 0;

  std::uint64_t total() const;
  /// The process that holds most; null if there is none.
  const process_memory* largest() const;
};

/// The value of a line `NAME:   123 kB` of a file like /proc/PID/status, in bytes.
std::optional<std::uint64_t> kilobytes(std::string_view text, std::string_view name);

/// What is used now, counted fast: what processes share counts once for each.
memory_use count_at_most();
/// What is used now, counted exactly: what processes share counts once in all. Takes milliseconds for each gigabyte.
memory_use count_exactly();

/// The name of a process, fit to be printed.
std::string name_of(pid_t process);

inline constexpr std::chrono::milliseconds shortest_look{20};
inline constexpr std::chrono::milliseconds longest_look{250};
/// When to look again: before a program that fills 4 GiB a second has filled what is left, within these two.
std::chrono::milliseconds next_look(std::uint64_t used, std::uint64_t limit);

}  // namespace daytona::local::toolbox
