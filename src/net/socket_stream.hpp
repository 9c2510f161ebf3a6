#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include <utility>

#include "net/stream.hpp"

namespace daytona::net {

using stream_socket = asio::generic::stream_protocol::socket;

/// A connected socket, TCP or local.
class socket_stream final : public stream, private cancellable {
 public:
  explicit socket_stream(stream_socket socket);

  awaitable<std::size_t> read_some(operation& op, asio::mutable_buffer buffer, error_code& ec) override;
  std::size_t read_now(operation& op, asio::mutable_buffer buffer, error_code& ec) override;
  std::size_t write_now(operation& op, asio::const_buffer bytes, error_code& ec) override;
  awaitable<std::size_t> write(operation& op, asio::const_buffer bytes, error_code& ec) override;
  bool is_quiet() noexcept override;
  void close() noexcept override;
  /// The socket, for another stream over it.
  stream_socket release() noexcept { return std::move(socket_); }

 private:
  void cancel() noexcept override;

  stream_socket socket_;
};

/// What `stream::is_quiet` asks of a descriptor: open, and nothing to read.
bool nothing_to_read(int descriptor) noexcept;

}  // namespace daytona::net
