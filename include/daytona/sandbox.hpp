#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/code_interpreter.hpp"
#include "daytona/computer_use.hpp"
#include "daytona/detail/export.hpp"
#include "daytona/file_system.hpp"
#include "daytona/git.hpp"
#include "daytona/process.hpp"
#include "daytona/sandbox_info.hpp"
#include "daytona/sandbox_params.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// How to start a sandbox.
struct DAYTONA_API start_options {
  start_options();
  /// Over the request and the wait together. Default 60 s, 0 = none, at most 2^31-1 s (more is cut to that), negative is refused before anything is sent.
  std::chrono::milliseconds timeout{60'000};
};
/// How to stop a sandbox.
struct DAYTONA_API stop_options {
  stop_options();
  std::chrono::milliseconds timeout{60'000};  ///< As `start_options::timeout`.
  bool force = false;                         ///< Kill instead of asking the processes to end. Default false.
};
/// How to remove a sandbox.
struct DAYTONA_API remove_options {
  remove_options();
  std::chrono::milliseconds timeout{60'000};  ///< As `start_options::timeout`.
  bool wait = false;  ///< Wait until it is destroyed, instead of until its removal was accepted. Default false.
};
/// How to wait for a state.
struct DAYTONA_API wait_options {
  wait_options();
  std::chrono::milliseconds timeout{60'000};  ///< As `start_options::timeout`.
};

/// One sandbox. A cheap handle: copies share one state and may outlive the client that made them.
///
/// What the attributes show is the last the server sent to this handle or a copy of it; reading never suspends and may be done from any thread.
/// Timestamps are texts as on the wire (RFC 3339, UTC). Attributes that a server did not send are empty or absent.
///
/// **Lifetimes**: arguments are copied before a call returns; its awaitable and every handle keep the state of the sandbox and of its client, until
/// `client::close()` ends both.
class DAYTONA_API sandbox {
 public:
  /// An empty handle, to be assigned to: using it otherwise throws `errc::invalid_argument`.
  sandbox() noexcept;

  std::string id() const;
  std::string name() const;
  std::string organization_id() const;
  std::string user() const;                     ///< The OS user that commands run as.
  std::optional<std::string> snapshot() const;  ///< Name of the snapshot it was made of.
  std::optional<daytona::v0::build_info> build_info() const;
  std::map<std::string, std::string> env() const;
  std::map<std::string, std::string> labels() const;
  bool is_public() const;
  bool network_block_all() const;
  std::optional<std::string> network_allow_list() const;
  std::optional<std::string> domain_allow_list() const;
  std::optional<std::string> outbound_proxy_url() const;
  std::optional<std::string> otel_endpoint_override() const;
  std::string target() const;  ///< Region id.
  double cpu() const;          ///< Cores.
  double gpu() const;
  std::optional<std::string> gpu_type() const;
  double memory() const;  ///< GiB
  double disk() const;    ///< GiB
  sandbox_state state() const;
  std::string state_text() const;  ///< The state as the server wrote it.
  std::optional<std::string> desired_state() const;
  std::optional<std::string> error_reason() const;
  std::optional<bool> recoverable() const;
  std::optional<std::string> backup_state() const;
  std::optional<std::string> backup_created_at() const;
  std::optional<std::chrono::minutes> auto_stop_interval() const;     ///< 0 = off.
  std::optional<std::chrono::minutes> auto_pause_interval() const;    ///< 0 = off.
  std::optional<std::chrono::minutes> auto_archive_interval() const;  ///< Counts from its stop.
  std::optional<std::chrono::minutes> auto_delete_interval() const;   ///< Negative = off, 0 = at stop.
  std::optional<std::string> auto_destroy_at() const;
  std::vector<volume_mount> volumes() const;
  std::optional<std::string> created_at() const;
  std::optional<std::string> updated_at() const;
  std::optional<std::string> last_activity_at() const;
  std::optional<std::string> sandbox_class() const;
  std::optional<std::string> daemon_version() const;
  std::optional<std::chrono::minutes> queue_timeout() const;  ///< Absent = unlimited.
  std::optional<std::string> queue_timed_out_at() const;
  bool spot() const;
  std::optional<std::string> spot_evicted_at() const;
  bool kvm() const;
  std::optional<std::string> warm_pool_id() const;
  std::optional<std::string> runner_id() const;
  std::optional<std::string> linked_sandbox_id() const;
  std::string toolbox_proxy_url() const;

  daytona::v0::process process() const;
  daytona::v0::file_system fs() const;
  daytona::v0::git git() const;
  daytona::v0::code_interpreter code_interpreter() const;
  daytona::v0::computer_use computer_use() const;

  /// Reads the sandbox anew and replaces every attribute.
  ///
  /// **Errors**: `not_found_error` if it is gone. **Cancellation**: at once, the attributes stay as they were.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox/{id}`.
  /// Example (`refresh_data`):
  ///
  ///     co_await sandbox.refresh_data();
  ///     const auto reason = sandbox.error_reason();
  ///     fmt::print("{}: {}\n", sandbox.state_text(), reason.value_or("nothing is wrong"));
  boost::asio::awaitable<void> refresh_data() const;

  /// Starts a stopped sandbox and waits until it is `started`. One that is started already is left as it is.
  ///
  /// **Errors**: `error` with `errc::sandbox_failed` and the server's reason if it enters `error` or `build_failed`; `conflict_error` while another
  /// change is under way; `not_found_error` if it is gone; `timeout_error` if it took too long, with `phase::waiting_state` or that of the request under way.
  /// **Cancellation**: at once; the sandbox may go on starting. **Timeout**: `options.timeout`. **Retry**: only while nothing was sent.
  /// **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `POST /sandbox/{id}/start`, then `GET /sandbox/{id}`.
  /// Example (`start`):
  ///
  ///     daytona::start_options options;
  ///     options.timeout = 2min;
  ///     co_await sandbox.start(options);
  boost::asio::awaitable<void> start(start_options options = start_options()) const;

  /// Stops the sandbox and waits until it is `stopped` (or `destroyed`, if it is ephemeral). Its files are kept, its processes are not.
  ///
  /// **Errors**: `bad_request_error` if it is not `started`, so also if it is stopped already; `errc::sandbox_failed` with the server's reason if it
  /// enters `error`; `conflict_error` while another change is under way; `not_found_error` if it was gone before; `timeout_error` if it took too long,
  /// with `phase::waiting_state` or that of the request under way.
  /// **Cancellation**: at once; the sandbox may go on stopping. **Timeout**: `options.timeout`. **Retry**: only while nothing was sent.
  /// **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `POST /sandbox/{id}/stop?force=`, then `GET /sandbox/{id}`.
  /// Example (`stop`):
  ///
  ///     daytona::stop_options options;
  ///     options.timeout = 2min;
  ///     co_await sandbox.stop(options);
  boost::asio::awaitable<void> stop(stop_options options = stop_options()) const;

  /// Removes the sandbox with everything in it. One that is gone already counts as removed.
  ///
  /// **Errors**: `conflict_error` while another change is under way; `timeout_error`. **Cancellation**: at once; the removal may go on.
  /// **Timeout**: `options.timeout`. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `DELETE /sandbox/{id}`, with `options.wait` then `GET /sandbox/{id}`.
  /// Example (`remove`):
  ///
  ///     daytona::remove_options options;
  ///     options.wait = true;  // its name is free again
  ///     co_await sandbox.remove(options);
  boost::asio::awaitable<void> remove(remove_options options = remove_options()) const;

  /// Waits until the sandbox is `started`; changes nothing. At once if the handle shows that already.
  ///
  /// **Errors**: `errc::sandbox_failed` with the server's reason if it is in `error` or `build_failed`; `errc::sandbox_destroyed`,
  /// `queue_timeout_error` or `spot_evicted_error` if it was destroyed; `not_found_error` if it is gone; `timeout_error` with
  /// `phase::waiting_state` or that of the reading under way. Up to five failed readings in a row are passed over if they are transient, or their answers
  /// can't be decoded (`errc::invalid_response`).
  /// **Cancellation**: at once. **Timeout**: `options.timeout`. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox/{id}`.
  /// Example (`wait_for_sandbox_start`):
  ///
  ///     daytona::wait_options options;
  ///     options.timeout = 5min;
  ///     co_await sandbox.wait_for_sandbox_start(options);  // another program starts it
  boost::asio::awaitable<void> wait_for_sandbox_start(wait_options options = wait_options()) const;

  /// Waits until the sandbox is `stopped` or `destroyed`; changes nothing. At once if the handle shows that already. One that is gone counts as destroyed.
  ///
  /// **Errors**: `errc::sandbox_failed` with the server's reason if it is in `error` or `build_failed`; `timeout_error` with `phase::waiting_state` or that of the reading under way.
  /// Up to five failed readings in a row are passed over if they are transient, or their answers can't be decoded (`errc::invalid_response`).
  /// **Cancellation**: at once. **Timeout**: `options.timeout`. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /sandbox/{id}`.
  /// Example (`wait_for_sandbox_stop`):
  ///
  ///     daytona::wait_options options;
  ///     options.timeout = 0s;  // however long it takes
  ///     co_await sandbox.wait_for_sandbox_stop(options);
  boost::asio::awaitable<void> wait_for_sandbox_stop(wait_options options = wait_options()) const;

  /// The home directory of the sandbox's user.
  ///
  /// **Errors**: `errc::sandbox_gone` (a `not_found_error`) or `errc::sandbox_stopped` (a `conflict_error`) if there is nobody to answer; those of any
  /// call. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `GET /user-home-dir`.
  /// Example (`get_user_home_dir`):
  ///
  ///     daytona::exec_options options;
  ///     options.cwd = co_await sandbox.get_user_home_dir();
  ///     auto listing = co_await sandbox.process().exec("ls -a", options);
  boost::asio::awaitable<std::string> get_user_home_dir() const;

  /// The directory that relative paths and commands start in.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `get_user_home_dir`.
  ///
  /// Endpoint: `GET /work-dir`.
  /// Example (`get_work_dir`):
  ///
  ///     const std::string folder = co_await sandbox.get_work_dir();
  ///     auto used = co_await sandbox.process().exec("du -sh .");  // runs there
  ///     fmt::print("{}: {}", folder, used.result);
  boost::asio::awaitable<std::string> get_work_dir() const;

 private:
  friend class client;
  friend struct detail::sandbox_core;
  explicit sandbox(std::shared_ptr<detail::sandbox_core> core);
  const std::shared_ptr<detail::sandbox_core>& core() const;
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
