#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>

#include "net/operation.hpp"

namespace daytona::net {

/// A connection's bytes, whatever carries them: a socket, TLS over one, a script in a test. One read or write at a time.
class stream {
 public:
  virtual ~stream() = default;

  /// At least one byte, or `ec`: `asio::error::eof` at an orderly end, `operation_aborted` if `op` was stopped.
  virtual awaitable<std::size_t> read_some(operation& op, asio::mutable_buffer buffer, error_code& ec) = 0;
  /// What is there without waiting, maybe nothing; an end or failure too may be left to the next `read_some`.
  virtual std::size_t read_now(operation&, asio::mutable_buffer, error_code& ec) {
    ec.clear();
    return 0;
  }
  /// What is taken without waiting, maybe nothing: a request mostly is, as a whole, and then needs no coroutine.
  virtual std::size_t write_now(operation&, asio::const_buffer, error_code& ec) {
    ec.clear();
    return 0;
  }
  /// All bytes, or `ec` and how many had been taken.
  virtual awaitable<std::size_t> write(operation& op, asio::const_buffer bytes, error_code& ec) = 0;
  /// Whether an idle connection can be used again: neither closed by the peer nor holding bytes that nobody asked for. Does not wait.
  virtual bool is_quiet() noexcept = 0;
  virtual void close() noexcept = 0;
};

}  // namespace daytona::net
