#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/list_sandboxes_query.hpp"
#include "daytona/sandbox.hpp"

namespace daytona::inline v0 {

/// One page of sandboxes, with full data.
struct DAYTONA_API paginated_sandboxes {
  paginated_sandboxes();
  std::vector<sandbox> items;
  std::int64_t total = 0;  ///< Sandboxes in all pages.
  std::int64_t page = 0;   ///< Counts from 1.
  std::int64_t total_pages = 0;
};

namespace detail {
class sandbox_list_state;
}

/// The sandboxes that match a query, fetched page by page as they are read. A cheap handle: copies read from the same stream.
///
/// **Lifetimes**: it keeps the state of its client, and so do the sandboxes that it gives.
class DAYTONA_API sandbox_list {
 public:
  /// The next sandbox, or nothing at the end and ever after. After an error the next call asks for the same page again.
  ///
  /// The items hold what a list shows: `env`, `volumes`, `build_info` and some more stay unset until `sandbox::refresh_data()`.
  ///
  /// **Errors**: those of a call. What is wrong with the query was told by `client::list`.
  /// **Cancellation**: at once; the same page is asked for again by the next call.
  /// **Timeout**: `config::request_timeout`, over all pages that it reads. **Retry**: idempotent. **Thread safety**: one `next()` at a time.
  ///
  /// Endpoint: `GET /sandbox` (a server that answers with a bare array is read as one page).
  /// Example (`next_sandbox`):
  ///
  ///     daytona::sandbox_list all = client.list();
  ///     while (auto sandbox = co_await all.next()) {
  ///       if (sandbox->cpu() >= 8) fmt::print("{} is large\n", sandbox->id());
  ///     }
  boost::asio::awaitable<std::optional<sandbox>> next();

 private:
  friend class client;
  explicit sandbox_list(std::shared_ptr<detail::sandbox_list_state> state);
  std::shared_ptr<detail::sandbox_list_state> state_;
};

}  // namespace daytona::inline v0
