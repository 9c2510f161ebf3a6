#include "net/socket_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace daytona::net {

socket_stream::socket_stream(stream_socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

awaitable<std::size_t> socket_stream::read_some(operation& op, asio::mutable_buffer buffer, error_code& ec) {
  const operation::waiting waiting{op, *this, ec};
  if (ec) co_return 0;
  auto reading = socket_.async_read_some(buffer, asio::as_tuple(asio::deferred));
  const auto [failure, size] = co_await std::move(reading);
  ec = failure;
  co_return size;
}

std::size_t socket_stream::read_now(operation&, asio::mutable_buffer buffer, error_code& ec) {
  const std::size_t size = socket_.read_some(buffer, ec);
  if (ec == asio::error::would_block) ec.clear();
  return size;
}

std::size_t socket_stream::write_now(operation& op, asio::const_buffer bytes, error_code& ec) {
  if (op.stopped() != stop_cause::none) {
    ec = asio::error::operation_aborted;
    return 0;
  }
  const std::size_t written = socket_.write_some(bytes, ec);
  if (ec == asio::error::would_block) ec.clear();
  return written;
}

awaitable<std::size_t> socket_stream::write(operation& op, asio::const_buffer bytes, error_code& ec) {
  // Not asio::async_write, which lets a total cancellation pass.
  std::size_t written = write_now(op, bytes, ec);
  while (!ec && written < bytes.size()) {
    const operation::waiting waiting{op, *this, ec};
    if (ec) break;
    const asio::const_buffer rest = bytes + written;
    auto writing = socket_.async_write_some(rest, asio::as_tuple(asio::deferred));
    const auto [failure, size] = co_await std::move(writing);
    ec = failure;
    written += size;
  }
  co_return written;
}

bool socket_stream::is_quiet() noexcept { return nothing_to_read(socket_.native_handle()); }

void socket_stream::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

void socket_stream::cancel() noexcept {
  error_code ignored;
  socket_.cancel(ignored);
}

bool nothing_to_read(int descriptor) noexcept {
  char byte;
  const auto size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace daytona::net
