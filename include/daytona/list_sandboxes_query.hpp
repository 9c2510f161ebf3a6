#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/sandbox_info.hpp"

namespace daytona::inline v0 {

enum class sandbox_sort { name, cpu, memory_gib, disk_gib, last_activity_at, created_at };
enum class sort_order { asc, desc };

/// Which sandboxes to list, and how. Everything absent or empty = all of them, last active first.
struct DAYTONA_API list_sandboxes_query {
  using time_point = std::chrono::sys_time<std::chrono::milliseconds>;

  list_sandboxes_query();

  std::optional<std::int64_t> limit;          ///< Page size, 1 to 200, not a cap. Absent = the server's 100.
  std::string id;                             ///< Prefix, case-insensitive.
  std::string name;                           ///< Prefix, case-insensitive.
  std::map<std::string, std::string> labels;  ///< Every pair must match.
  std::vector<sandbox_state> states;          ///< Any of them; `destroyed` is never listed.
  std::vector<std::string> snapshots;
  std::vector<std::string> targets;  ///< Region ids.
  std::optional<double> min_cpu, max_cpu;
  std::optional<double> min_memory_gib, max_memory_gib;
  std::optional<double> min_disk_gib, max_disk_gib;
  std::optional<bool> is_public;
  std::optional<bool> is_recoverable;
  std::optional<time_point> created_at_after, created_at_before;
  std::optional<time_point> last_activity_after, last_activity_before;
  std::optional<time_point> auto_destroy_at_after, auto_destroy_at_before;
  std::optional<sandbox_sort> sort;  ///< Absent = `last_activity_at`.
  std::optional<sort_order> order;   ///< Absent = `desc`.
};

}  // namespace daytona::inline v0
