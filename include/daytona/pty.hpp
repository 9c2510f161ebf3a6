#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// The size of a terminal, in characters.
struct DAYTONA_API pty_size {
  pty_size();
  pty_size(int row_count, int column_count);
  int rows = 24;  ///< 1 to 1000.
  int cols = 80;  ///< 1 to 1000.
};

/// How a terminal is made.
struct DAYTONA_API create_pty_options {
  create_pty_options();
  std::string cwd;  ///< Empty = the sandbox's work directory.
  std::map<std::string, std::string>
      envs;  ///< On top of the sandbox's; names `[A-Za-z_][A-Za-z0-9_]*`. `TERM` is `xterm-256color` unless given.
  daytona::v0::pty_size pty_size;
};

/// A terminal, as the sandbox tells it.
struct DAYTONA_API pty_session_info {
  pty_session_info();
  std::string id;
  bool active = false;     ///< Its shell runs.
  std::string created_at;  ///< RFC 3339.
  std::int64_t cols = 0;
  std::int64_t rows = 0;
  std::string cwd;
  std::map<std::string, std::string> envs;
  bool lazy_start = false;  ///< The shell starts with the first connection.
};

/// How a terminal's shell ended.
struct DAYTONA_API pty_result {
  pty_result();
  std::optional<int>
      exit_code;  ///< As the server tells it: 128 + signal if a signal ended a program. Absent = it did not tell, or the terminal lives on.
  std::optional<std::string> error;  ///< Why, if it was no orderly end: "SIGKILL", "Ctrl+C", "non-zero exit".
};

namespace detail {
class pty_state;
}

/// A connection to a terminal in a sandbox. A cheap handle: copies share the connection, which is closed with the last of them; the terminal lives on.
class DAYTONA_API pty_handle {
 public:
  /// An empty handle, to be assigned to: using it otherwise throws `errc::invalid_argument`.
  pty_handle() noexcept;

  std::string session_id() const;
  /// The shell's exit code, once it is known.
  std::optional<int> exit_code() const;
  /// Why it ended other than in order, or could not be connected to, once that is known.
  std::optional<std::string> error() const;
  /// Whether input can be sent: the server has said so, and the connection lives.
  bool is_connected() const;

  /// Waits until the terminal takes input, or its shell has ended already, which is no error.
  ///
  /// **Errors**: `errc::connection_lost` with the server's reason if it has no such terminal; `errc::timeout` after 10 s.
  /// **Cancellation**: at once. **Timeout**: 10 s. **Retry**: none. **Thread safety**: safe on a shared handle.
  boost::asio::awaitable<void> wait_for_connection();

  /// What the terminal has put out since the last call, or nothing at its end and ever after. What was put out before the connection is not seen.
  ///
  /// The end is the shell's, told by `exit_code()`, or that of the connection by `disconnect()`.
  ///
  /// **Errors**: `errc::connection_lost` if the connection ended without the server saying so (`close_code()` tells what it said); `errc::slow_consumer`;
  /// `errc::client_closed` after `client::close()`.
  /// **Cancellation**: at once; nothing is lost, the next call goes on. **Timeout**: none. **Thread safety**: one `next()`, `read()` or `wait()` at a time.
  boost::asio::awaitable<std::optional<std::string>> next();

  /// As `next()`, with an empty text at the end.
  boost::asio::awaitable<std::string> read();

  /// Sends bytes as if they were typed, in order behind what others send: of any number, cut into messages that servers take. Waits until the terminal takes
  /// input. Done when all are on their way.
  ///
  /// **Errors**: `errc::session_ended` (a `gone_error`) if the terminal has ended; `errc::connection_lost`.
  /// **Cancellation**: at once; part of it may have been sent. **Timeout**: none: a program that reads nothing makes it wait.
  /// **Retry**: none. **Thread safety**: safe on a shared handle; two calls at the same time do not mix within 32 KiB.
  boost::asio::awaitable<void> send_input(std::string_view data);

  /// Changes the terminal's size.
  ///
  /// **Errors**: `errc::invalid_argument` outside 1 to 1000; `gone_error` if the terminal has ended; else as `process::resize_pty_session`.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `POST /process/pty/{sessionId}/resize`.
  boost::asio::awaitable<pty_session_info> resize(pty_size size);

  /// Waits for the shell's end. Output that comes meanwhile is dropped: read it with `next()` first.
  ///
  /// **Errors**, **Cancellation**, **Thread safety**: as `next()`. **Timeout**: none.
  boost::asio::awaitable<pty_result> wait();

  /// Kills the terminal's shell and all it started.
  ///
  /// **Errors**: `not_found_error` if it has ended. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `DELETE /process/pty/{sessionId}`.
  boost::asio::awaitable<void> kill();

  /// Closes the connection, at most 5 s later; the terminal lives on. A pending `next()`, and every later one, gives nothing.
  ///
  /// **Errors**: none. **Cancellation**: the connection is closed without waiting for the server.
  boost::asio::awaitable<void> disconnect();

 private:
  friend class detail::pty_state;
  explicit pty_handle(std::shared_ptr<detail::pty_state> state);
  const std::shared_ptr<detail::pty_state>& state() const;
  std::shared_ptr<detail::pty_state> state_;
};

}  // namespace daytona::inline v0
