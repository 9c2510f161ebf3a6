#pragma once

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/detail/export.hpp"
#include "daytona/log_stream.hpp"
#include "daytona/session_logs.hpp"

namespace daytona::inline v0 {

/// How a command is run as a stream.
struct DAYTONA_API exec_stream_options {
  exec_stream_options();
  std::string cwd;                         ///< Empty = the sandbox's work directory; a relative one starts there.
  std::map<std::string, std::string> env;  ///< On top of the sandbox's; names `[A-Za-z_][A-Za-z0-9_]*`.
  /// When a `next()` or `wait()` is cancelled, kill the command, within 5 s, before that is told. Default false: it runs on.
  bool kill_on_cancel = false;
  follow_options follow;  ///< Of its output.
};

namespace detail {
class command_stream_state;
}

/// A command under way. A cheap handle: copies read from the same stream.
///
/// It runs in a session of its own, which `wait()` and `kill()` delete. When the last handle is gone without either, the command runs on and its session stays.
///
/// **Lifetimes**: arguments are copied before a call returns; handles keep the state of their sandbox and client. The connection lives on the io_context of the
/// call that started it, and ends with that. **Thread safety**: one `next()` or `wait()` at a time; `send_input()` and `kill()` at any time, on any thread.
class DAYTONA_API command_stream {
 public:
  /// An empty handle, to be assigned to: using it otherwise throws `errc::invalid_argument`.
  command_stream() noexcept;

  /// Names the session it runs in.
  std::string session_id() const;
  /// Names the command in its session.
  std::string command_id() const;

  /// The next bytes of one of its outputs, or nothing at the end and ever after.
  ///
  /// **Errors**, **Timeout**, **Retry**: as `log_stream::next`. **Cancellation**: at once, but for `exec_stream_options::kill_on_cancel`; no byte is lost.
  ///
  /// Endpoint: as `log_stream::next`.
  /// Example (`command_next`):
  ///
  ///     while (auto chunk = co_await stream.next()) {
  ///       const bool is_error = chunk->source == daytona::log_source::stderr_;
  ///       fmt::print(is_error ? stderr : stdout, "{}", chunk->bytes);
  ///     }
  boost::asio::awaitable<std::optional<log_chunk>> next();

  /// Sends text to its standard input; a line break is added if it does not end with one. The input stays open: a program that reads to its end is killed.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**: as `process::send_session_command_input`.
  ///
  /// Endpoint: `POST /process/session/{sessionId}/command/{commandId}/input`.
  /// Example (`command_send_input`):
  ///
  ///     auto stream = co_await process.exec_stream("read name; echo hello $name");
  ///     co_await stream.send_input("world");
  ///     auto answer = co_await stream.next();
  boost::asio::awaitable<void> send_input(std::string_view data);

  /// Waits for its end, deletes its session and gives its exit code; absent if the server does not know it. Output that comes meanwhile is dropped: read it with
  /// `next()` first.
  ///
  /// **Errors**: as `next`; `errc::session_ended` (a `gone_error`) if its session was deleted first, as by `kill()`; those of `process::delete_session`, after
  /// which it may be called again. **Cancellation**: as `next`. **Timeout**: none but `config::request_timeout` for each request at the end.
  /// **Retry**: `follow_options::resume`; the deletion only while nothing was sent.
  ///
  /// Endpoint: as `log_stream::next`, then `GET /process/session/{sessionId}/command/{commandId}` and `DELETE /process/session/{sessionId}`.
  /// Example (`command_wait`):
  ///
  ///     auto stream = co_await process.exec_stream("(exit 3)");
  ///     const auto exit_code = co_await stream.wait();
  ///     if (exit_code) fmt::print("ended with {}\n", *exit_code);
  boost::asio::awaitable<std::optional<int>> wait();

  /// Kills it and all it started, and deletes its session. It is no error if it has ended.
  ///
  /// **Errors**: as `process::delete_session`, but for a session that is gone. **Cancellation**: at once; it may have been killed.
  /// **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `DELETE /process/session/{sessionId}`.
  /// Example (`command_kill`):
  ///
  ///     auto stream = co_await process.exec_stream("yes");
  ///     auto first = co_await stream.next();
  ///     co_await stream.kill();
  boost::asio::awaitable<void> kill();

 private:
  friend class detail::command_stream_state;
  explicit command_stream(std::shared_ptr<detail::command_stream_state> state);
  const std::shared_ptr<detail::command_stream_state>& state() const;
  std::shared_ptr<detail::command_stream_state> state_;
};

}  // namespace daytona::inline v0
