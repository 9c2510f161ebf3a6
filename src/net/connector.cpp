#include "net/connector.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string_view>
#include <utility>

#include "net/dial.hpp"
#include "net/proxy_tunnel.hpp"
#include "net/socket_stream.hpp"
#include "net/tls_stream.hpp"
#include "protocol/url.hpp"

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

/// Whether the peer went away, as opposed to TLS itself having failed: another attempt may succeed.
bool was_cut(error_code cause) {
  return cause == asio::error::eof || cause == asio::ssl::error::stream_truncated ||
         cause.category() == boost::system::system_category();
}

/// The handshake of `secured`. Null: `failure` says why. `options` is the member of `config` that it is set up by.
awaitable<std::unique_ptr<tls_stream>> secure(operation& op, std::unique_ptr<tls_stream> secured, const origin& where,
                                              std::string_view options, connect_failure& failure) {
  op.enter(phase::tls);
  co_await secured->handshake(op, failure.cause);
  if (!failure.cause) co_return secured;

  failure.code = was_cut(failure.cause) ? errc::connection_failed : errc::tls_failed;
  const auto refused = secured->verification_failure();
  const auto remedy = certificate_remedy(failure.cause);
  if (refused.empty())
    failure.what = fmt::format("TLS with {} failed: {}{}{}", place_of(where), failure.cause.message(),
                               remedy.empty() ? "" : "; ", remedy);
  else
    failure.what = fmt::format("the certificate of {} was refused: {}; trust its authority with {}.ca_file",
                               place_of(where), refused, options);
  co_return nullptr;
}

}  // namespace

std::string place_of(const origin& where) { return protocol::host_and_port(where.host, where.port); }

std::shared_ptr<tls_context> tcp_connector::lazy_tls::get() {
  const std::lock_guard lock{mutex_};
  if (!made_) made_ = std::make_shared<tls_context>(options_);
  return made_;
}

std::uint64_t tcp_connector::lazy_tls::resumed() const {
  const std::lock_guard lock{mutex_};
  return made_ ? made_->resumed() : 0;
}

tcp_connector::tcp_connector(const config& configuration, name_lookup lookup)
    : timeout_(configuration.connect_timeout),
      delay_(configuration.happy_eyeballs_delay.value_or(attempt_delay)),
      proxies_(configuration.proxy),
      tls_(configuration.tls),
      proxy_tls_(configuration.proxy.tls),
      resolver_(std::move(lookup)) {}

awaitable<std::unique_ptr<stream>> tcp_connector::connect(operation& op, origin where, connect_failure& failure) {
  const tighter_deadline limit{op, timeout_};
  std::unique_ptr<stream> connected;
  try {
    connected = co_await connect_in_time(op, std::move(where), failure);
  } catch (const error& unusable) {  // what is configured for TLS
    op.enter(unusable.phase());
    failure.code = static_cast<errc>(unusable.code().value());
    failure.cause = unusable.details().cause;
    failure.what = unusable.message();
  }
  if (!connected && op.stopped() == stop_cause::deadline) failure.code = errc::timeout;
  co_return connected;
}

awaitable<std::unique_ptr<stream>> tcp_connector::connect_in_time(operation& op, origin where,
                                                                  connect_failure& failure) {
  const auto* const proxy = proxies_.proxy_for(where.tls, where.host, where.port);
  if (proxy != nullptr) co_return co_await connect_by(*proxy, op, where, failure);

  auto socket = co_await reach(op, where, failure);
  if (!socket) co_return nullptr;
  if (!where.tls) co_return std::make_unique<socket_stream>(*std::move(socket));
  auto secured = std::make_unique<tls_stream>(*std::move(socket), tls_.get(), where);
  co_return co_await secure(op, std::move(secured), where, "tls", failure);
}

awaitable<std::optional<stream_socket>> tcp_connector::reach(operation& op, const origin& where,
                                                             connect_failure& failure) {
  op.enter(phase::resolve);
  auto addresses = co_await resolver_.resolve(op, where.host, failure.cause);
  if (failure.cause) {
    failure.what = fmt::format("the name {} was not resolved: {}", where.host, failure.cause.message());
    co_return std::nullopt;
  }

  op.enter(phase::connect);
  dial_failure dialled;
  auto socket = co_await dial(op, std::move(addresses), where.port, delay_, dialled);
  if (socket) {
    set_liveness(socket->native_handle());
    co_return socket;
  }
  resolver_.forget(where.host);  // its name may lead elsewhere by now
  failure.cause = dialled.cause;
  failure.what = fmt::format("no connection to {}: {}", place_of(where),
                             dialled.what.empty() ? dialled.cause.message() : dialled.what);
  co_return std::nullopt;
}

awaitable<std::unique_ptr<stream>> tcp_connector::connect_by(const protocol::proxy_address& proxy, operation& op,
                                                             const origin& where, connect_failure& failure) {
  const origin first{proxy.is_tls, proxy.host, proxy.port};
  auto socket = co_await reach(op, first, failure);
  if (!socket) {
    failure.code = errc::proxy_failed;
    failure.what = fmt::format("proxy: {}", failure.what);
    co_return nullptr;
  }
  if (!proxy.is_tls) {
    auto plain = std::make_unique<socket_stream>(*std::move(socket));
    const bool opened = co_await open_tunnel(op, *plain, where, proxy, failure);
    if (!opened) co_return nullptr;
    if (!where.tls) co_return plain;
    auto secured = std::make_unique<tls_stream>(plain->release(), tls_.get(), where);
    co_return co_await secure(op, std::move(secured), where, "tls", failure);
  }
  auto with_proxy = std::make_unique<tls_stream>(*std::move(socket), proxy_tls_.get(), first);
  auto carrier = co_await secure(op, std::move(with_proxy), first, "proxy.tls", failure);
  if (!carrier) {
    failure.what = fmt::format("proxy: {}", failure.what);
    co_return nullptr;
  }
  const bool opened = co_await open_tunnel(op, *carrier, where, proxy, failure);
  if (!opened) co_return nullptr;
  if (!where.tls) co_return carrier;
  auto secured = std::make_unique<tls_stream>(std::move(carrier), tls_.get(), where);
  co_return co_await secure(op, std::move(secured), where, "tls", failure);
}

}  // namespace daytona::net
