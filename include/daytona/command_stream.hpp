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
  follow_options follow;
};

namespace detail {
class command_stream_state;
}

/// A command under way. A cheap handle: copies read from the same stream.
///
/// It runs in a session of its own, which `wait()` and `kill()` delete. When the last handle is gone without either, the command runs on and its session stays.
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
  /// **Errors**, **Timeout**, **Retry**, **Thread safety**: as `log_stream::next`. **Cancellation**: at once, but for `exec_stream_options::kill_on_cancel`; no
  /// byte is lost.
  boost::asio::awaitable<std::optional<log_chunk>> next();

  /// Sends text to its standard input; a line break is added if it does not end with one. The input stays open: a program that reads to its end is killed.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**: as `process::send_session_command_input`.
  boost::asio::awaitable<void> send_input(std::string_view data);

  /// Waits for its end, deletes its session and gives its exit code; absent if the server does not know it. Output that comes meanwhile is dropped: read it with
  /// `next()` first.
  ///
  /// **Errors**: as `next`; `errc::session_ended` (a `gone_error`) if its session was deleted first, as by `kill()`; those of `process::delete_session`, after
  /// which it may be called again. **Cancellation**, **Thread safety**: as `next`. **Timeout**: none.
  boost::asio::awaitable<std::optional<int>> wait();

  /// Kills it and all it started, and deletes its session. It is no error if it has ended.
  ///
  /// **Errors**: as `process::delete_session`. **Timeout**: `config::request_timeout`.
  boost::asio::awaitable<void> kill();

 private:
  friend class detail::command_stream_state;
  explicit command_stream(std::shared_ptr<detail::command_stream_state> state);
  const std::shared_ptr<detail::command_stream_state>& state() const;
  std::shared_ptr<detail::command_stream_state> state_;
};

}  // namespace daytona::inline v0
