#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace daytona::net {

/// Where a connection goes: what connections are kept and counted by. The way there (proxy, TLS identity) is fixed for a client, and no two clients share
/// connections, so that it needs no place here.
struct origin {
  bool tls = false;
  std::string host;  ///< A name or an IP literal, without brackets.
  std::uint16_t port = 0;

  auto operator<=>(const origin&) const = default;
};

/// "host:port", for people.
std::string place_of(const origin& where);

}  // namespace daytona::net
