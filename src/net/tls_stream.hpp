#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>

#include "net/socket_stream.hpp"
#include "net/tls_context.hpp"

namespace daytona::net {

/// TLS over a connected socket, or over TLS with a proxy. OpenSSL reads and writes the descriptor through a BIO of our own, which knows no SIGPIPE and keeps no second buffer.
class tls_stream final : public stream, private cancellable {
 public:
  tls_stream(stream_socket socket, std::shared_ptr<tls_context> context, const origin& where);
  /// Within `carrier`, whose socket it takes over: the tunnel that a proxy opened.
  tls_stream(std::unique_ptr<tls_stream> carrier, std::shared_ptr<tls_context> context, const origin& where);
  ~tls_stream() override;

  awaitable<void> handshake(operation& op, error_code& ec);
  awaitable<std::size_t> read_some(operation& op, asio::mutable_buffer buffer, error_code& ec) override;
  std::size_t read_now(operation& op, asio::mutable_buffer buffer, error_code& ec) override;
  std::size_t write_now(operation& op, asio::const_buffer bytes, error_code& ec) override;
  awaitable<std::size_t> write(operation& op, asio::const_buffer bytes, error_code& ec) override;
  bool is_quiet() noexcept override;
  void close() noexcept override;

  /// Why the peer's certificate was refused; empty if it was not.
  std::string verification_failure() const;

 private:
  void cancel() noexcept override;
  /// Whether bytes of the peer lie in OpenSSL's buffers, decrypted or not.
  bool has_buffered() const noexcept;
  /// What OpenSSL takes of `bytes` now. If it takes nothing: `what` it waits for, or in `ec` why it can't go on.
  std::size_t push(asio::const_buffer bytes, std::optional<stream_socket::wait_type>& what, error_code& ec);
  /// After a call of OpenSSL that gave `result`: what it waits for, or in `ec` why it can't go on.
  std::optional<stream_socket::wait_type> wanted(int result, error_code& ec) const noexcept;
  awaitable<void> wait_for(operation& op, stream_socket::wait_type what, error_code& ec);

  stream_socket socket_;
  std::shared_ptr<tls_context> context_;
  std::unique_ptr<tls_stream> carrier_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool answer_is_due_ = false;  // something was sent since the last read
  unsigned reads_at_once_ = 0;  // reads since one had to wait
};

}  // namespace daytona::net
