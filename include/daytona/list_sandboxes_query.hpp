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
  std::vector<std::string> snapshots;         ///< Names; a sandbox made of any of them.
  std::vector<std::string> targets;           ///< Region ids.
  /// Cores, both ends included. At least 1, which the server checks (`bad_request_error`); what is no number is refused before anything is sent. Absent = no
  /// bound.
  std::optional<double> min_cpu, max_cpu;
  std::optional<double> min_memory_gib, max_memory_gib;  ///< As `min_cpu`, in GiB.
  std::optional<double> min_disk_gib, max_disk_gib;      ///< As `min_cpu`, in GiB.
  std::optional<bool> is_public;                         ///< Absent = both.
  std::optional<bool> is_recoverable;                    ///< Absent = both.
  /// In the years 0 to 9999, else refused before anything is sent. The local backend includes both ends; Daytona's API does not say. Absent = no bound.
  std::optional<time_point> created_at_after, created_at_before;
  std::optional<time_point> last_activity_after, last_activity_before;  ///< As `created_at_after`.
  /// As `created_at_after`; a sandbox that no time destroys does not match.
  std::optional<time_point> auto_destroy_at_after, auto_destroy_at_before;
  std::optional<sandbox_sort> sort;  ///< Absent = `last_activity_at`.
  std::optional<sort_order> order;   ///< Absent = `desc`.
};

}  // namespace daytona::inline v0
