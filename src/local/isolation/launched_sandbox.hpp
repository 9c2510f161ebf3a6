#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "local/isolation/sandbox_plan.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// "killed by signal 9", "exited with status 1": a wait status for people.
std::string ending(int status);

/// What the helper knows of a sandbox that starts, runs or ends.
struct launched_sandbox {
  /// Starts it. Throws `setup_failure`.
  launched_sandbox(std::string id, std::uint64_t launch, const sandbox_plan& plan);

  bool starting() const { return static_cast<bool>(report); }
  bool gone() const { return !starting() && setup < 0 && first < 0; }
  bool owns(pid_t process) const { return process == setup || process == first; }

  /// Reads what has come of the start.
  void read_report();
  /// Takes note that one of its processes was reaped.
  void reaped(pid_t process, int status);
  void kill_now();

  std::string id;
  std::uint64_t launch;              ///< The request to answer once it is up; 0 = answered.
  std::vector<std::uint64_t> stops;  ///< The requests to answer once it is gone.
  pid_t setup = -1;
  pid_t first = -1;  ///< PID 1. -1 = not made yet, or reaped.
  unique_fd report;  ///< Open while it starts.
  std::vector<std::filesystem::path> groups;
  std::string failure;       ///< Why it did not come up.
  std::string end = "gone";  ///< How PID 1 ended.
  bool asked_to_end = false;
  std::optional<std::chrono::steady_clock::time_point> kill_at;

 private:
  std::string report_text_;
  bool first_known_ = false;
};

}  // namespace daytona::local
