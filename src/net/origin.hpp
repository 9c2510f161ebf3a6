#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace daytona::net {

/// Where a connection goes: what connections are kept and counted by.
struct origin {
  bool tls = false;
  std::string host;  ///< A name or an IP literal, without brackets.
  std::uint16_t port = 0;

  auto operator<=>(const origin&) const = default;
};

}  // namespace daytona::net
