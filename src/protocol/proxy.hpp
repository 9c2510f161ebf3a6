#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/config.hpp"
#include "protocol/no_proxy.hpp"
#include "protocol/url.hpp"

namespace daytona::protocol {

/// Where a proxy is and how it is spoken to.
struct proxy_address {
  bool is_tls = false;  ///< Whether the proxy itself is reached over TLS.
  std::string host;     ///< Name or address, an IPv6 address without its brackets.
  std::uint16_t port = 0;
  std::string authorization;  ///< "Basic …" with user and password, or empty. A secret: for its own request alone.

  /// "host:port", for people.
  std::string place() const;
};

/// Reads `http://[user[:password]@]host[:port]`, `https://…` or the same without a scheme, which is http. User and password may be percent-encoded.
/// Refused: another scheme, a path, query or fragment, a port out of range. What is refused is not repeated in the failure: it may hold a password.
boost::system::result<proxy_address, url_failure> parse_proxy_url(std::string_view text);

/// Which proxy leads to a server. Fixed when it is made, so that a server's scheme, name and port also tell the way to it.
class proxy_rules {
 public:
  /// Throws `errc::invalid_argument` naming the member of `config::proxy` that can't be read.
  explicit proxy_rules(const proxy_options& options);

  /// Null = directly. Loopback is always reached directly: to a proxy it would be another machine.
  const proxy_address* proxy_for(bool tls, std::string_view host, std::uint16_t port) const;

 private:
  std::optional<proxy_address> http_, https_;
  no_proxy_list direct_;
};

/// The request that asks `proxy` for a tunnel to a server.
std::string tunnel_request(std::string_view host, std::uint16_t port, const proxy_address& proxy);

/// What a proxy made of that request.
struct tunnel_answer {
  enum class state {
    incomplete,  ///< More bytes are needed.
    open,        ///< From here on the bytes are the server's.
    refused,     ///< `status` says how.
    invalid,     ///< It is no HTTP answer, or bytes follow that nobody can have asked for.
    too_large,
  } what = state::incomplete;
  unsigned status = 0;
  std::string reason;     ///< Untrusted text, printable.
  std::string challenge;  ///< The first word of `Proxy-Authenticate`, printable: "Basic", "Negotiate" …
};

constexpr std::size_t max_tunnel_answer = 16 * 1024;

/// Reads the first `received` bytes of a proxy's answer: all that came so far. Never more than its header is awaited.
tunnel_answer read_tunnel_answer(std::string_view received);

}  // namespace daytona::protocol
