#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/config.hpp"
#include "daytona/detail/export.hpp"
#include "daytona/list_sandboxes.hpp"
#include "daytona/pool_figures.hpp"
#include "daytona/sandbox.hpp"
#include "daytona/sandbox_params.hpp"

namespace daytona::inline v0 {

namespace detail {
struct client_core;
}

/// How to create a sandbox.
struct DAYTONA_API create_options {
  create_options();
  /// Over the request and the wait until `started`. Default 60 s, 0 = none, at most 2^31-1 s (more is cut to that), negative is refused before anything is
  /// sent.
  std::chrono::milliseconds timeout{60'000};
  /// Whether a sandbox that came into being stays if the create fails or is cancelled afterwards. Default: it is removed, within 10 s.
  bool keep_on_failure = false;
};

/// Makes, finds and manages sandboxes. A cheap handle; it needs no executor: each call runs on its caller's.
///
/// The constructor does no I/O. **Lifetimes**: arguments are copied before a call returns; its awaitable, and the sandboxes and lists that it gives, keep the
/// client's state, and may outlive this handle. **Thread safety**: handles may be shared between threads, as long as each call's own executor is not
/// concurrent (an io_context run by one thread, or a strand).
class DAYTONA_API client {
 public:
  /// Throws `authentication_error` if `configuration` has neither an API key nor a JWT (with its organization), `bad_request_error` if a value is out
  /// of range or a URL does not parse.
  explicit client(config configuration);

  /// Creates a sandbox and waits until it is `started`. Without parameters: from the default snapshot, for python.
  ///
  /// If the answer of the server is lost, the sandbox is looked for (by a label made for this call) and adopted. If the create fails or is cancelled
  /// after the sandbox came into being, or may have, it is looked for too and removed within 10 s, or kept (`options.keep_on_failure`);
  /// `error::sandbox_id()` and `error::remains()` say which.
  ///
  /// **Errors**: `errc::invalid_argument` for a parameter that breaks a rule; `bad_request_error` (unknown snapshot …), `conflict_error` (name taken),
  /// `errc::sandbox_failed` with the server's reason; `queue_timeout_error`, `spot_evicted_error`; `timeout_error`.
  /// **Cancellation**: at once, but for the bounded search and removal. **Timeout**: `options.timeout`. **Retry**: only while nothing was sent, or as said above.
  /// **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `POST /sandbox`, then `GET /sandbox/{id}`. Sample: samples/quickstart.cpp.
  /// Example (`create`):
  ///
  ///     daytona::create_from_snapshot_params params;
  ///     params.language = daytona::code_language::python;
  ///     params.auto_stop_interval = 5min;
  ///     daytona::sandbox sandbox = co_await client.create(params);
  boost::asio::awaitable<sandbox> create(create_options options = create_options()) const;
  boost::asio::awaitable<sandbox> create(create_from_snapshot_params params,
                                         create_options options = create_options()) const;
  boost::asio::awaitable<sandbox> create(create_from_image_params params,
                                         create_options options = create_options()) const;

  /// The sandbox with this id or, failing that, name, in whatever state it is.
  ///
  /// **Errors**: `errc::invalid_argument` if empty, `.` or `..`; `not_found_error`. **Cancellation**: at once. **Timeout**: `config::request_timeout`.
  /// **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox/{sandboxIdOrName}`.
  /// Example (`get`):
  ///
  ///     daytona::sandbox sandbox = co_await client.get(name);
  ///     const bool is_down = sandbox.state() == daytona::sandbox_state::stopped;
  ///     if (is_down) co_await sandbox.start();
  boost::asio::awaitable<sandbox> get(std::string_view id_or_name) const;

  /// The sandbox with this id or name or, if that is empty, the last active one that has all these labels.
  ///
  /// One found by its labels holds what a list shows; `sandbox::refresh_data()` completes it.
  ///
  /// **Errors**: `errc::invalid_argument` if neither is given; `not_found_error` if there is none. **Cancellation**: at once.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox/{sandboxIdOrName}` or `GET /sandbox`.
  /// Example (`find_one`):
  ///
  ///     std::map<std::string, std::string> labels{{"job", "nightly"}};
  ///     daytona::sandbox sandbox = co_await client.find_one("", labels);
  ///     co_await sandbox.refresh_data();
  boost::asio::awaitable<sandbox> find_one(std::string_view id_or_name,
                                           std::map<std::string, std::string> labels = {}) const;

  /// All sandboxes that match `query`, as a stream: no request is made before the first `sandbox_list::next()`.
  ///
  /// **Errors**: throws at once, `errc::invalid_argument` and the rule, for what no query can hold, like a `limit` outside 1 to 200 or an unrecognized state.
  /// **Cancellation**, **Timeout**, **Retry**: those of `sandbox_list::next()`: this one does not suspend. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox`.
  /// Example (`list`):
  ///
  ///     daytona::list_sandboxes_query query;
  ///     query.states = {daytona::sandbox_state::started};
  ///     daytona::sandbox_list running = client.list(query);
  ///     while (auto sandbox = co_await running.next()) fmt::print("{}\n", sandbox->name());
  sandbox_list list(list_sandboxes_query query = list_sandboxes_query()) const;

  /// One page of sandboxes with these labels, with full data. `page` counts from 1 (absent = 1), `limit` is 1 to 200 (absent = 100).
  ///
  /// A server without the route is read by cursor to its end and counted; the items then hold what a list shows.
  ///
  /// **Errors**: `errc::invalid_argument` for a page below 1, a limit outside its range, or labels that are no UTF-8. **Cancellation**: at once.
  /// **Timeout**: `config::request_timeout`, over all requests. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox/paginated`, or `GET /sandbox`.
  /// Example (`list_page`):
  ///
  ///     std::map<std::string, std::string> labels;  // none: all sandboxes
  ///     auto first = co_await client.list_page(labels, 1, 20);
  ///     fmt::print("{} of {} sandboxes\n", first.items.size(), first.total);
  boost::asio::awaitable<paginated_sandboxes> list_page(std::map<std::string, std::string> labels = {},
                                                        std::optional<std::int64_t> page = {},
                                                        std::optional<std::int64_t> limit = {}) const;

  /// The same as `target.start(options)`, whichever client made `target`.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `sandbox::start`. Endpoint: `POST /sandbox/{id}/start`.
  /// Example (`client_start`):
  ///
  ///     daytona::start_options options;
  ///     options.timeout = 2min;
  ///     co_await client.start(sandbox, options);
  boost::asio::awaitable<void> start(sandbox target, start_options options = start_options()) const;

  /// The same as `target.stop(options)`, whichever client made `target`.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `sandbox::stop`. Endpoint: `POST /sandbox/{id}/stop`.
  /// Example (`client_stop`):
  ///
  ///     daytona::stop_options options;
  ///     options.force = true;
  ///     co_await client.stop(sandbox, options);
  boost::asio::awaitable<void> stop(sandbox target, stop_options options = stop_options()) const;

  /// The same as `target.remove(options)`, whichever client made `target`.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `sandbox::remove`. Endpoint: `DELETE /sandbox/{id}`.
  /// Example (`client_remove`):
  ///
  ///     daytona::remove_options options;
  ///     options.wait = true;
  ///     co_await client.remove(sandbox, options);
  boost::asio::awaitable<void> remove(sandbox target, remove_options options = remove_options()) const;

  /// What the client's connections are doing now. A snapshot that costs a lock for each context; sends nothing. **Thread safety**: any thread.
  daytona::pool_figures pool_figures() const;

  /// Closes every connection. Calls under way end with `errc::client_closed`, later ones (of its sandboxes too) begin and end with it.
  /// Sandboxes on the server stay. May be called again.
  void close() const;

 private:
  friend struct detail::client_core;
  explicit client(std::shared_ptr<detail::client_core> core);
  std::shared_ptr<detail::client_core> core_;
};

}  // namespace daytona::inline v0
