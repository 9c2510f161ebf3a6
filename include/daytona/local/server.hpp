#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/config.hpp"
#include "daytona/detail/export.hpp"
#include "daytona/local/faults.hpp"

/// The embedded backend: Daytona's API on one machine, with real processes in real isolation. Linux only.
namespace daytona::local::inline v0 {

/// How sandboxes are set apart. `automatic` takes the strongest that works here and never falls to `none`.
enum class isolation_mode { automatic, shifted, userns, none };

struct DAYTONA_API server_options {
  server_options();
  /// Address to listen on. Default loopback; another one is refused unless `allow_remote` is set.
  std::string host = "127.0.0.1";
  bool allow_remote = false;  ///< Listen on an address that other machines reach too. Default false: that is refused.
  std::uint16_t port = 0;     ///< Default 0 = a free one.
  /// Without blanks and control characters. Default empty = that of the data directory, where it is made at random at first.
  std::string api_key;
  std::filesystem::path data_directory;                  ///< Empty = a fresh temporary one, removed at the end.
  isolation_mode isolation = isolation_mode::automatic;  ///< Default `automatic`.
  bool require_isolation = false;  ///< Fail instead of taking the mode below `isolation`. Default false.
  std::filesystem::path
      toolbox;  ///< The program `daytona-toolbox`. Empty = DAYTONA_TOOLBOX, libexec, the build directory.
  /// What the default snapshot is made of: `host`, this machine's programs, or the absolute path of a Debian tree, as
  /// `daytona-local base create` makes them.
  std::string base = "host";
  /// Whether sandboxes are limited by control groups, below those that this process is in: `off`, `auto` (what works
  /// here, of processes, CPU and memory), or folders in which groups can be made, with colons between them.
  std::string cgroup = "off";
  std::vector<std::string>
      egress_allow;  ///< HOST:PORT of this machine or of private networks that sandboxes may reach. Default none.
  /// Sandboxes at once; more are refused with 403. Default 1000, at least 1: 0 is refused by `start`.
  std::size_t max_sandboxes = 1000;
  /// Interpreter contexts at once in one sandbox, besides the default one; more are refused with 400. Default 64, 0 = none but that.
  std::size_t max_contexts = 64;
  std::size_t max_sessions = 256;  ///< Sessions at once in one sandbox; more are refused with 400. 0 = none at all.
  /// Bytes of the log of one session command, and of all logs of a sandbox together. The output that is beyond is left
  /// out, and the log says so. Nor do logs take the last of their disk. Default 2 GiB and 4 GiB, 0 = nothing is kept, at most 2^63-1.
  std::uint64_t max_log_size = std::uint64_t{2} << 30;
  std::uint64_t max_logs_size = std::uint64_t{4} << 30;
  std::size_t max_ptys = 256;        ///< PTYs at once in one sandbox; more are refused with 400. 0 = none at all.
  std::size_t max_pty_clients = 32;  ///< Connections to one PTY at once; more are refused. 0 = none at all.
  /// Bytes of a PTY's output that wait for one client; while they do, its programs wait too. Default 256 KiB, at least 4 KiB.
  std::size_t max_pty_buffer = std::size_t{256} << 10;
};

/// A backend that runs on the caller's io_context. A cheap handle to it; it ends with `stop()`, or when the last handle is gone.
///
/// **Lifetimes**: options are copied; clients of it are not kept, nor do they keep it. It serves while its io_context runs, and ends with that at the latest.
/// **Thread safety**: none: handles are used on the executor of `start`, which is not concurrent (an io_context run by one thread, or a strand).
class DAYTONA_API server {
 public:
  /// Starts a backend on the executor of the caller.
  ///
  /// **Errors**: `daytona::error` naming what is missing and the remedy: no isolation that works, the data directory in use or unfit, the port taken,
  /// `daytona-toolbox` not found; `errc::invalid_argument` for an option that breaks its rule.
  /// **Cancellation**: at once, nothing is left. **Timeout**: none; up to 10 s are spent on what a killed backend still runs in the same data directory.
  /// **Retry**: none; may be called again.
  ///
  /// Example (`server_start`):
  ///
  ///     daytona::local::server_options options;
  ///     options.max_sandboxes = 20;
  ///     auto server = co_await daytona::local::server::start(options);
  ///     daytona::client client{server.config()};
  static boost::asio::awaitable<server> start(server_options options = server_options());

  /// What a client needs to talk to it: URL and key.
  daytona::config config() const;
  std::string url() const;  ///< For example `http://127.0.0.1:41234/api`.
  std::string api_key() const;
  std::filesystem::path data_directory() const;  ///< Where its state lies.
  isolation_mode isolation() const;              ///< The mode in force.
  std::string isolation_description() const;     ///< The mode in force and what it can't do, for people.
  std::string base_description() const;          ///< What sandboxes are made of, for people.
  std::string limits_description() const;        ///< What limits a sandbox, and what does not, for people.

  /// Told what whoever runs the backend should know, for a log: at present that this machine's programs changed under
  /// running sandboxes, once for each of them. Called on the executor of `start`.
  void on_notice(std::function<void(std::string)> handler);

  /// Disturbs requests to come; returns the fault's id. Programs without this object: `POST /local/faults` on the same
  /// port, with the key.
  ///
  /// **Errors**: `bad_request_error` naming the member that breaks a rule.
  std::string inject(fault what);
  /// The faults in their order, those that have befallen all they were made for too.
  std::vector<injected_fault> faults() const;
  /// False if there is none of that id.
  bool remove_fault(std::string_view id);
  void clear_faults();

  /// Ends every sandbox and waits until their processes are gone; a temporary data directory is removed. Calls after that return at once.
  ///
  /// **Errors**: none of its own: a sandbox that can't be stopped dies with the rest. **Cancellation**: ends the wait at once; another call goes on with it, and
  /// what is left ends with the last handle. **Timeout**: none: processes are killed, not asked. **Retry**: none is needed.
  ///
  /// Example (`server_stop`):
  ///
  ///     auto server = co_await daytona::local::server::start();
  ///     daytona::client client{server.config()};
  ///     daytona::sandbox sandbox = co_await client.create();
  ///     co_await server.stop();  // ends the sandbox too
  boost::asio::awaitable<void> stop();

 private:
  class impl;
  explicit server(std::shared_ptr<impl> impl);
  std::shared_ptr<impl> impl_;
};

}  // namespace daytona::local::inline v0
