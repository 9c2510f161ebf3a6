#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/sandbox.hpp"

namespace daytona::inline v0 {

enum class sandbox_sort { name, cpu, memory_gib, disk_gib, last_activity_at, created_at };
enum class sort_order { asc, desc };

/// Which sandboxes to list, and how. Everything absent or empty = all of them, last active first.
struct DAYTONA_API list_sandboxes_query {
  using time_point = std::chrono::sys_time<std::chrono::milliseconds>;

  list_sandboxes_query();

  std::optional<std::int64_t> limit;  ///< Page size, 1 to 200, not a cap. Absent = the server's 100.
  std::string id;                     ///< Prefix, case-insensitive.
  std::string name;                   ///< Prefix, case-insensitive.
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

/// One page of sandboxes, with full data.
struct DAYTONA_API paginated_sandboxes {
  paginated_sandboxes();
  std::vector<sandbox> items;
  std::int64_t total = 0;        ///< Sandboxes in all pages.
  std::int64_t page = 0;         ///< Counts from 1.
  std::int64_t total_pages = 0;
};

namespace detail {
class sandbox_list_state;
}

/// The sandboxes that match a query, fetched page by page as they are read. A cheap handle: copies read from the same stream.
class DAYTONA_API sandbox_list {
 public:
  /// The next sandbox, or nothing at the end; after the end or an error it stays at that end or error.
  ///
  /// The items hold what a list shows: `env`, `volumes`, `build_info` and some more stay unset until `sandbox::refresh_data()`.
  ///
  /// **Errors**: those of a call; `errc::invalid_argument` for a `limit` outside 1 to 200.
  /// **Cancellation**: at once; the same page is asked for again by the next call.
  /// **Timeout**: `config::request_timeout` for each page. **Retry**: idempotent. **Thread safety**: one `next()` at a time.
  ///
  /// Endpoint: `GET /sandbox` (a server that answers with a bare array is read as one page).
  boost::asio::awaitable<std::optional<sandbox>> next();

 private:
  friend class client;
  explicit sandbox_list(std::shared_ptr<detail::sandbox_list_state> state);
  std::shared_ptr<detail::sandbox_list_state> state_;
};

}  // namespace daytona::inline v0
