#include "local/control/egress_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "local/http/message.hpp"

namespace daytona::local {
namespace ip = boost::asio::ip;

namespace {

struct v4_network {
  std::uint32_t address;
  int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) { return a << 24 | b << 16 | c << 8 | d; }

constexpr std::array not_public_v4{
    v4_network{v4(0, 0, 0, 0), 8},      v4_network{v4(10, 0, 0, 0), 8},     v4_network{v4(100, 64, 0, 0), 10},
    v4_network{v4(127, 0, 0, 0), 8},    v4_network{v4(169, 254, 0, 0), 16}, v4_network{v4(172, 16, 0, 0), 12},
    v4_network{v4(192, 0, 0, 0), 24},   v4_network{v4(192, 0, 2, 0), 24},   v4_network{v4(192, 88, 99, 0), 24},
    v4_network{v4(192, 168, 0, 0), 16}, v4_network{v4(198, 18, 0, 0), 15},  v4_network{v4(198, 51, 100, 0), 24},
    v4_network{v4(203, 0, 113, 0), 24}, v4_network{v4(224, 0, 0, 0), 3},
};

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(not_public_v4, [&](const v4_network& network) {
    return (address ^ network.address) >> (32 - network.bits) == 0;
  });
}

using v6_bytes = ip::address_v6::bytes_type;

std::uint32_t v4_within(const v6_bytes& bytes, std::size_t at) {
  return v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool starts_with(const v6_bytes& bytes, std::initializer_list<unsigned char> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

/// Only what is routed in the internet (2000::/3), less what leads elsewhere.
bool is_public_v6(const v6_bytes& bytes) {
  if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}))
    return is_public_v4(v4_within(bytes, 12));  // mapped
  if (starts_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
    return is_public_v4(v4_within(bytes, 12));                                     // NAT64
  if (starts_with(bytes, {0x20, 0x02})) return is_public_v4(v4_within(bytes, 2));  // 6to4
  if (starts_with(bytes, {0x20, 0x01, 0, 0})) return false;                        // Teredo
  if (starts_with(bytes, {0x20, 0x01, 0x0D, 0xB8})) return false;                  // documentation
  return (bytes[0] & 0xE0) == 0x20;
}

}  // namespace

bool is_public_address(const ip::address& address) {
  return address.is_v4() ? is_public_v4(address.to_v4().to_uint()) : is_public_v6(address.to_v6().to_bytes());
}

egress_target parse_egress_target(std::string_view text, std::uint16_t default_port) {
  const auto refuse = [text] { throw std::invalid_argument{fmt::format("'{}' is not HOST:PORT", text)}; };
  egress_target target;
  target.port = default_port;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse();
    target.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    target.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty()) {
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), target.port);
    if (rest.front() != ':' || error != std::errc{} || end != rest.data() + rest.size()) refuse();
  }
  if (target.host.empty() || target.port == 0) refuse();
  return target;
}

egress_rules::egress_rules(const std::vector<std::string>& allowed) {
  for (const auto& entry : allowed) allowed_.push_back(parse_egress_target(entry));
}

bool egress_rules::permits(const egress_target& target, const ip::address& address) const {
  if (is_public_address(address)) return true;
  return std::ranges::any_of(allowed_, [&](const egress_target& allowed) {
    return allowed.port == target.port && http::equal_ignoring_case(allowed.host, target.host);
  });
}

}  // namespace daytona::local
