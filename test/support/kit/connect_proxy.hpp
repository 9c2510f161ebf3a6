#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kit/certificates.hpp"
#include "kit/fixture.hpp"

namespace daytona::test {

class script;

struct connect_proxy_options {
  std::string credentials;               ///< "user:password" that it asks for. Empty = none.
  std::optional<tls_identity> identity;  ///< It speaks TLS itself.
  std::string answer;                    ///< Said to every request instead of opening a tunnel; then it closes.
  bool mute = false;                     ///< It takes requests and never answers.
  bool closes = false;                   ///< It takes a request and closes.
  /// Its steps, besides those of the server behind it: a connection was accepted, the TLS handshake is done, a request has come, half of its answer has
  /// gone. Null = it takes none.
  std::shared_ptr<script> plot;
};

/// An HTTP proxy on loopback that opens tunnels to the ports that the test gives for names, in the io_context of the test.
class connect_proxy {
 public:
  explicit connect_proxy(asio::io_context& io, connect_proxy_options options = {});
  ~connect_proxy();
  connect_proxy(const connect_proxy&) = delete;
  connect_proxy& operator=(const connect_proxy&) = delete;

  std::uint16_t port() const;
  /// `target` ("host:port") is a server on loopback. Others get the answer 502.
  void lead(const std::string& target, std::uint16_t port);
  void stop();

  struct record {
    std::vector<std::string> requests;  ///< The header of each.
    std::size_t tunnels = 0;
  };
  const record& seen() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace daytona::test
