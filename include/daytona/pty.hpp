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
  daytona::v0::pty_size pty_size;  ///< Default 24 rows of 80.
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
///
/// Output is read ahead as that of a `log_stream`: at most `config::max_stream_buffer`, and no further until it is asked for.
///
/// **Lifetimes**: arguments are copied before a call returns; handles keep the state of their sandbox and client. The connection lives on the io_context of the
/// call that made it, and ends with that. **Thread safety**: safe on a shared handle, but one `next()`, `read()` or `wait()` at a time.
/// Endpoint: `GET /process/pty/{sessionId}/connect` or `GET /process/pty/create-connect` (WebSocket), where a member names no other.
/// Sample: samples/interactive_shell.cpp.
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
  /// **Cancellation**: at once; it may be waited for again. **Timeout**: 10 s. **Retry**: none.
  ///
  /// Example (`pty_wait_for_connection`):
  ///
  ///     co_await terminal.wait_for_connection();
  ///     const bool has_ended = !terminal.is_connected();
  ///     if (has_ended) fmt::print("its shell has ended already\n");
  boost::asio::awaitable<void> wait_for_connection();

  /// What the terminal has put out since the last call, or nothing at its end and ever after. What was put out before the connection is not seen.
  ///
  /// The end is the shell's, told by `exit_code()`, or that of the connection by `disconnect()`.
  ///
  /// **Errors**: `errc::connection_lost` if the connection ended without the server saying so (`close_code()` tells what it said); `errc::slow_consumer` if it
  /// gave up on a program that reads too slowly; `errc::response_too_large` beyond `config::max_web_socket_message`; `errc::protocol_violation`;
  /// `errc::client_closed` after `client::close()`.
  /// **Cancellation**: at once; nothing is lost, the next call goes on. **Timeout**: none. **Retry**: none: a connection that is lost is not opened anew.
  ///
  /// Example (`pty_next`):
  ///
  ///     daytona::text_decoder text;
  ///     while (auto output = co_await terminal.next()) fmt::print("{}", text.put(*output));
  ///     if (terminal.exit_code()) fmt::print("the shell ended with {}\n", *terminal.exit_code());
  boost::asio::awaitable<std::optional<std::string>> next();

  /// As `next()`, with an empty text at the end.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**: as `next()`.
  ///
  /// Example (`pty_read`):
  ///
  ///     std::string seen;
  ///     while (seen.find("$ ") == std::string::npos) {
  ///       const std::string output = co_await terminal.read();
  ///       if (output.empty()) break;
  ///       seen += output;
  ///     }
  boost::asio::awaitable<std::string> read();

  /// Sends bytes as if they were typed, in order behind what others send: of any number, cut into messages that servers take. Waits until the terminal takes
  /// input. Done when all are on their way.
  ///
  /// **Errors**: `errc::session_ended` (a `gone_error`) if the terminal has ended; `errc::connection_lost`; those of `wait_for_connection()`.
  /// **Cancellation**: at once; part of it may have been sent. **Timeout**: none: a program that reads nothing makes it wait.
  /// **Retry**: none. **Thread safety**: safe on a shared handle; two calls at the same time do not mix within 32 KiB.
  ///
  /// Example (`pty_send_input`):
  ///
  ///     co_await terminal.send_input("sleep 60\n");
  ///     co_await terminal.send_input("\x03");  // Ctrl+C
  ///     co_await terminal.send_input("exit\n");
  boost::asio::awaitable<void> send_input(std::string_view data);

  /// Changes the terminal's size.
  ///
  /// **Errors**: `errc::invalid_argument` outside 1 to 1000; `gone_error` if the terminal has ended; else as `process::resize_pty_session`.
  /// **Cancellation**: at once; its size may have changed. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `POST /process/pty/{sessionId}/resize`.
  /// Example (`pty_resize`):
  ///
  ///     daytona::pty_size size(50, 160);
  ///     auto now = co_await terminal.resize(size);
  ///     fmt::print("{} columns\n", now.cols);
  boost::asio::awaitable<pty_session_info> resize(pty_size size);

  /// Waits for the shell's end. Output that comes meanwhile is dropped: read it with `next()` first.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**: as `next()`.
  ///
  /// Example (`pty_wait`):
  ///
  ///     co_await terminal.send_input("exit 3\n");
  ///     daytona::pty_result ended = co_await terminal.wait();
  ///     if (ended.exit_code) fmt::print("ended with {}\n", *ended.exit_code);
  boost::asio::awaitable<pty_result> wait();

  /// Kills the terminal's shell and all it started.
  ///
  /// **Errors**: `not_found_error` if it has ended; else as `process::exec`. **Cancellation**: at once; it may have been killed.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `DELETE /process/pty/{sessionId}`.
  /// Example (`pty_kill`):
  ///
  ///     co_await terminal.kill();
  ///     daytona::pty_result ended = co_await terminal.wait();
  ///     fmt::print("{}\n", ended.error.value_or("in order"));
  boost::asio::awaitable<void> kill();

  /// Closes the connection, at most 5 s later; the terminal lives on. A pending `next()`, and every later one, gives nothing.
  ///
  /// **Errors**: `errc::client_closed` after `client::close()`. **Cancellation**: the connection is closed without waiting for the server.
  /// **Timeout**: 5 s, which is no error. **Retry**: none.
  ///
  /// Example (`pty_disconnect`):
  ///
  ///     const std::string id = terminal.session_id();
  ///     co_await terminal.disconnect();
  ///     daytona::pty_handle again = co_await process.connect_pty_session(id);
  boost::asio::awaitable<void> disconnect();

 private:
  friend class detail::pty_state;
  explicit pty_handle(std::shared_ptr<detail::pty_state> state);
  const std::shared_ptr<detail::pty_state>& state() const;
  std::shared_ptr<detail::pty_state> state_;
};

}  // namespace daytona::inline v0
