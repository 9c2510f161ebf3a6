#include <doctest/doctest.h>
#include <signal.h>

#include <string>

#include "kit/tcp_fixture.hpp"
#include "net/connector.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

struct connected {
  std::unique_ptr<net::stream> io;
  net::connect_failure failure;
};

net::awaitable<void> connect_to(net::connector& connector, net::origin where, connected& end) {
  const auto op = co_await net::begin_operation(std::nullopt);
  end.io = co_await connector.connect(*op, std::move(where), end.failure);
}

/// Writes until the connection says no, as the first bytes after the peer's end only learn of it.
net::awaitable<void> write_until_refused(net::stream& io, net::error_code& ec) {
  const auto op = co_await net::begin_operation(std::nullopt);
  const std::string piece(64 * 1024, 'x');
  constexpr int most = 1000;
  for (int n = 0; n < most && !ec; ++n) co_await io.write(*op, asio::buffer(piece), ec);
}

/// How a write to a peer that is gone ends.
net::error_code write_to_gone_peer(bool tls) {
  const certificate_authority authority;
  tls_options trust;
  trust.ca_pem = authority.pem();
  server_options options;
  if (tls) options.identity = authority.issue("IP:127.0.0.1");
  tcp_fixture fixture{options};
  auto settings = fixture.settings();
  settings.tls = trust;
  net::tcp_connector connector{settings};
  connected to;
  fixture.run(connect_to(connector, {tls, "127.0.0.1", fixture.server().port()}, to));
  REQUIRE_MESSAGE(to.io != nullptr, to.failure.what);

  fixture.server().stop();
  fixture.settle();
  net::error_code ec;
  fixture.run(write_until_refused(*to.io, ec));
  return ec;
}

}  // namespace

TEST_CASE("writing to a peer that is gone is an error code and no SIGPIPE, over TCP and TLS") {
  const bool is_deadly = ::signal(SIGPIPE, SIG_DFL) == SIG_DFL;
  REQUIRE(is_deadly);  // as in any program: a library must not count on its being ignored

  CHECK(write_to_gone_peer(false) == asio::error::broken_pipe);
  CHECK(write_to_gone_peer(true) == asio::error::broken_pipe);
}
