#include "net/connector.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include "net/socket_stream.hpp"
#include "net/tls_stream.hpp"

namespace daytona::net {

namespace {

constexpr int keep_alive_idle_seconds = 30;
constexpr int keep_alive_interval_seconds = 10;
constexpr int keep_alive_probes = 3;
constexpr unsigned user_timeout_ms = 60'000;

template <class Value>
void set_option(int socket, int level, int name, Value value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

/// A command without a limit may be silent for hours: the kernel finds out whether its peer still lives.
void set_liveness(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_idle_seconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_interval_seconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, keep_alive_probes);
#endif
#ifdef TCP_USER_TIMEOUT
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
#endif
}

class connecting final : private cancellable {
 public:
  explicit connecting(operation& op) : socket_(op.executor()) {}

  awaitable<void> connect(operation& op, asio::ip::tcp::endpoint endpoint, error_code& ec) {
    const operation::waiting waiting{op, *this, ec};
    if (ec) co_return;
    const stream_socket::endpoint_type generic{endpoint};
    co_await socket_.async_connect(generic, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) set_liveness(socket_.native_handle());
  }

  stream_socket take() { return std::move(socket_); }

 private:
  void cancel() noexcept override {
    error_code ignored;
    socket_.cancel(ignored);
  }

  stream_socket socket_;
};

std::string place(const origin& where) {
  const bool is_v6 = where.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", where.host, where.port) : fmt::format("{}:{}", where.host, where.port);
}

}  // namespace

tcp_connector::tcp_connector(const config& configuration)
    : tls_options_(configuration.tls), timeout_(configuration.connect_timeout) {}

awaitable<std::unique_ptr<stream>> tcp_connector::connect(operation& op, origin where, connect_failure& failure) {
  const tighter_deadline limit{op, timeout_};
  auto connected = co_await connect_in_time(op, std::move(where), failure);
  if (!connected && op.stopped() == stop_cause::deadline) failure.code = errc::timeout;
  co_return connected;
}

awaitable<std::unique_ptr<stream>> tcp_connector::connect_in_time(operation& op, origin where,
                                                                  connect_failure& failure) {
  op.enter(phase::resolve);
  const auto addresses = co_await resolver_.resolve(op, where.host, failure.cause);
  if (failure.cause) {
    failure.what = fmt::format("the name {} was not resolved: {}", where.host, failure.cause.message());
    co_return nullptr;
  }

  op.enter(phase::connect);
  for (const auto& address : addresses) {
    connecting attempt{op};
    const asio::ip::tcp::endpoint endpoint{address, where.port};
    co_await attempt.connect(op, endpoint, failure.cause);
    if (op.stopped() != stop_cause::none) break;
    if (failure.cause) continue;
    if (where.tls) {
      auto secured = co_await secure(op, attempt.take(), where, failure);
      co_return secured;
    }
    co_return std::make_unique<socket_stream>(attempt.take());
  }
  if (op.stopped() != stop_cause::none) failure.cause = asio::error::operation_aborted;
  failure.what = fmt::format("no connection to {}: {}", place(where), failure.cause.message());
  co_return nullptr;
}

awaitable<std::unique_ptr<stream>> tcp_connector::secure(operation& op, stream_socket socket, const origin& where,
                                                         connect_failure& failure) {
  op.enter(phase::tls);
  auto secured = std::make_unique<tls_stream>(std::move(socket), tls(), where);
  co_await secured->handshake(op, failure.cause);
  if (!failure.cause) co_return secured;

  failure.code = errc::tls_failed;
  const auto refused = secured->verification_failure();
  if (refused.empty())
    failure.what = fmt::format("TLS with {} failed: {}", place(where), failure.cause.message());
  else
    failure.what = fmt::format("the certificate of {} was refused: {}; trust its authority with tls.ca_file",
                               place(where), refused);
  co_return nullptr;
}

std::shared_ptr<tls_context> tcp_connector::tls() {
  const std::lock_guard lock{mutex_};
  if (!tls_) tls_ = std::make_shared<tls_context>(tls_options_);
  return tls_;
}

}  // namespace daytona::net
