#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>

#include "kit/certificates.hpp"
#include "kit/fixture.hpp"
#include "kit/scripted_connector.hpp"
#include "kit/scripted_names.hpp"

namespace daytona::test {

/// An authority, and the identity of a server on loopback that it vouches for. Made once in a process.
struct loopback_identity {
  loopback_identity() : server(authority.issue("DNS:localhost,DNS:daytona.test,DNS:proxy.test,IP:127.0.0.1")) {}
  certificate_authority authority;
  tls_identity server;

  static const loopback_identity& instance();
};

/// Plays a `script` on loopback TCP or TLS, in the io_context of the test. Its steps: a connection was accepted, the TLS handshake is done, a request
/// has come, half of an answer has gone. A step that fails resets the connection; one that hangs leaves it silent for ever.
class script_server {
 public:
  script_server(asio::io_context& io, std::shared_ptr<script> plot, bool tls);
  ~script_server();
  script_server(const script_server&) = delete;
  script_server& operator=(const script_server&) = delete;

  std::uint16_t port() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

/// Takes the next step of `plot` at a real socket, which is reset if the step fails. False if the conversation ends here.
bool take_step(script& plot, asio::ip::tcp::socket& socket);

/// Connects really, but to `there` whatever the origin is. `names` outlives it; without them it asks the system.
class rewired_connector final : public net::connector {
 public:
  rewired_connector(const config& settings, net::origin there, scripted_names* names = nullptr);
  net::awaitable<std::unique_ptr<net::stream>> connect(net::operation& op, net::origin where,
                                                       net::connect_failure& failure) override;

 private:
  net::tcp_connector real_;
  net::origin there_;
  scripted_names* names_;
};

}  // namespace daytona::test
