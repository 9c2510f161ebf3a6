#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>

#include "daytona/detail/export.hpp"
#include "daytona/session_logs.hpp"

namespace daytona::inline v0 {

/// What becomes of a stream when `config::max_stream_buffer` is full of what the program has not asked for.
enum class stream_overflow {
  wait,  ///< The server has to wait, and with it what writes in the sandbox once the buffers on the way are full.
  fail,  ///< The stream ends with `errc::slow_consumer`, behind what had come.
};

/// How a log is followed.
struct DAYTONA_API follow_options {
  follow_options();
  /// Open the stream anew when its connection is lost, and go on with the next byte: each comes exactly once. Default true.
  bool resume = true;
  /// How often in a row that may fail, before the loss is told. A byte that comes begins the count anew. Default 5, 0 = as without `resume`.
  unsigned max_resumes = 5;
  stream_overflow overflow = stream_overflow::wait;  ///< Default `wait`.
};

namespace detail {
class log_stream_state;
}

/// The output of a command, as it comes. A cheap handle: copies read from the same stream. When the last one is gone, the stream is closed; the command runs on.
///
/// It reads ahead by at most `config::max_stream_buffer` (256 KiB), and then no further until `next()` is called. While it does not, pings of the server that lie
/// behind what is unread are not answered, and a server that insists on answers may close it; its own pings go out all the while.
///
/// **Lifetimes**: it keeps the state of its sandbox and client. Its connection lives on the io_context of the call that opened it, and ends with that.
/// **Thread safety**: one `next()` at a time, with `close()` meanwhile on the same executor.
class DAYTONA_API log_stream {
 public:
  /// An empty handle, to be assigned to: using it otherwise throws `errc::invalid_argument`.
  log_stream() noexcept;

  /// The next bytes of one of the command's outputs, or nothing at the end and ever after.
  ///
  /// The end means that the server has sent all: the command has ended, or its session was deleted. `process::wait_session_command` tells how it ended.
  ///
  /// **Errors**: `errc::connection_lost` if the connection ended without the server saying so, and could not be
  /// resumed (`close_code()` tells what it said); `errc::slow_consumer` if the server, or `follow_options::overflow`, gave up on a program that reads too
  /// slowly; `errc::response_too_large` beyond `config::max_web_socket_message`; `errc::protocol_violation` for what no WebSocket may send;
  /// `errc::invalid_response` if a log that was opened anew is shorter than what came before; `errc::client_closed`
  /// after `client::close()`; when it is opened anew, those of `process::follow_session_command`. What came before was given out before.
  /// **Cancellation**: at once; no byte is lost, the next call goes on. **Timeout**: none while the stream is open, which pings keep alive; `config::request_timeout` for
  /// opening it anew. **Retry**: `follow_options::resume`.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}/logs?follow=true` (WebSocket).
  /// Example (`log_next`):
  ///
  ///     daytona::text_decoder text;
  ///     while (auto chunk = co_await log.next()) fmt::print("{}", text.put(chunk->bytes));
  ///     fmt::print("{}", text.finish());
  boost::asio::awaitable<std::optional<log_chunk>> next();

  /// Ends the stream, at most 5 s later; the command runs on. A pending `next()`, and every later one, gives nothing.
  ///
  /// **Errors**: `errc::client_closed` after `client::close()`. **Cancellation**: the connection is closed without waiting for the server.
  /// **Timeout**: 5 s, which is no error. **Retry**: none.
  ///
  /// Endpoint: as `next()`.
  /// Example (`log_close`):
  ///
  ///     auto first = co_await log.next();
  ///     if (first) fmt::print("{}", first->bytes);
  ///     co_await log.close();
  boost::asio::awaitable<void> close();

  /// Bytes that came before the first marker of the log, given out as standard output. 0 unless the server does not label its output.
  std::uint64_t unlabelled() const;

 private:
  friend class detail::log_stream_state;
  explicit log_stream(std::shared_ptr<detail::log_stream_state> state);
  const std::shared_ptr<detail::log_stream_state>& state() const;
  std::shared_ptr<detail::log_stream_state> state_;
};

}  // namespace daytona::inline v0
