#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "local/http/message.hpp"
#include "local/http/output_shape.hpp"

namespace daytona::local::http {

/// Any connected stream socket: TCP, or one end of a socketpair.
using stream_socket = boost::asio::generic::stream_protocol::socket;

/// The connection after an upgrade or CONNECT: bytes that came behind the request's head are in `left_over`.
struct raw_stream {
  stream_socket socket;
  std::string left_over;
  std::optional<output_shape> shape = std::nullopt;  ///< Of what is written to it.
  std::chrono::milliseconds write_timeout{0};        ///< How long it may take none of that.
};

class connection;

/// One request and its answer, as a handler sees it. Lives until the handler has returned.
///
/// A handler answers once: `respond()`, or `begin()` … `write()` … `finish()`, or `take_stream()`. It may throw
/// `http_error` before it has begun to answer; after that a failure cuts the connection, so that the client can tell.
class exchange {
 public:
  explicit exchange(connection& connection) : connection_{connection} {}
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  const request_head& head() const;

  /// The next piece of the body, at most 64 KiB; empty at its end. Throws `http_error` 400 if it is cut or malformed. All of one: `body_share`.
  boost::asio::awaitable<std::string> read_some();

  boost::asio::awaitable<void> respond(response answer);
  /// Begins an answer of `length` bytes; without a length it is sent in chunks, or ends with the connection for
  /// HTTP/1.0.
  boost::asio::awaitable<void> begin(unsigned status, header_fields headers, std::optional<std::uint64_t> length);
  /// Sends a piece of the body. `bytes` lives until it is sent.
  boost::asio::awaitable<void> write(std::string_view bytes);
  boost::asio::awaitable<void> finish();
  /// What is to be sent takes so many bytes of memory, until the answer is complete; `respond` says so by itself. If the answers of others take all that
  /// there is for them, those end that nobody has read for a second; if there are none, a GET that has not been answered is refused: throws `http_error`
  /// 503. What others have asked for may be done by now, and would be taken for not done: they are answered.
  void hold_memory(std::size_t size);

  /// Calls `action` if the client closes its side before the answer is complete. Only after the body was read.
  void when_client_leaves(std::function<void()> action);

  /// No other request is read from this connection.
  void end_connection();
  /// From now on what is sent leaves so.
  void disturb(output_shape shape);
  /// What is answered until `unmute()` goes nowhere. False: the connection was taken meanwhile.
  void mute();
  bool unmute();

  /// Hands over the connection; nothing was answered, the taker writes the `101` or `200` itself.
  raw_stream take_stream();

  /// How long a peer may take nothing of what is sent to it.
  std::chrono::milliseconds write_timeout() const;

  bool answering() const { return state_ != state::waiting; }
  bool complete() const { return state_ == state::complete; }

 private:
  enum class state { waiting, sending, complete };

  connection& connection_;
  state state_ = state::waiting;
  bool chunked_ = false;
  std::optional<std::uint64_t> remaining_;
};

}  // namespace daytona::local::http
