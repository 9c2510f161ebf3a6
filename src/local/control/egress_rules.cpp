#include "local/control/egress_rules.hpp"

#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
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

/// The IPv4 address that an IPv6 one stands for or leads to: mapped, NAT64, 6to4.
std::optional<std::uint32_t> carried_v4(const v6_bytes& bytes) {
  if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return v4_within(bytes, 12);
  if (starts_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return v4_within(bytes, 12);
  if (starts_with(bytes, {0x20, 0x02})) return v4_within(bytes, 2);
  return std::nullopt;
}

/// Only what is routed in the internet (2000::/3), less what leads elsewhere.
bool is_public_v6(const v6_bytes& bytes) {
  if (const auto carried = carried_v4(bytes)) return is_public_v4(*carried);
  if (starts_with(bytes, {0x20, 0x01, 0, 0})) return false;        // Teredo
  if (starts_with(bytes, {0x20, 0x01, 0x0D, 0xB8})) return false;  // documentation
  return (bytes[0] & 0xE0) == 0x20;
}

void append_address(std::vector<ip::address>& all, const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4_address{};
    std::memcpy(&v4_address, &address, sizeof v4_address);
    all.emplace_back(ip::address_v4{ntohl(v4_address.sin_addr.s_addr)});
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6_address{};
    std::memcpy(&v6_address, &address, sizeof v6_address);
    v6_bytes bytes;
    std::memcpy(bytes.data(), &v6_address.sin6_addr, bytes.size());
    all.emplace_back(ip::address_v6{bytes});
  }
}

/// An address without the form it comes in.
ip::address plain(const ip::address& address) {
  if (address.is_v4()) return address;
  const auto bytes = address.to_v6().to_bytes();
  if (const auto carried = carried_v4(bytes)) return ip::address_v4{*carried};
  return ip::address_v6{bytes};  // no scope counts
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

std::vector<ip::address> machine_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) throw boost::system::system_error{errno, boost::system::system_category()};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list{first, &::freeifaddrs};
  std::vector<ip::address> addresses;
  for (const ifaddrs* each = list.get(); each != nullptr; each = each->ifa_next)
    if (each->ifa_addr != nullptr) append_address(addresses, *each->ifa_addr);
  return addresses;
}

egress_rules::egress_rules(const std::vector<std::string>& allowed) {
  for (const auto& entry : allowed) allowed_.push_back(parse_egress_target(entry));
}

bool egress_rules::permits(const egress_target& target, const ip::address& address,
                           const std::vector<ip::address>& machine) const {
  const bool is_machine =
      std::ranges::any_of(machine, [&](const ip::address& own) { return plain(own) == plain(address); });
  if (is_public_address(address) && !is_machine) return true;
  return std::ranges::any_of(allowed_, [&](const egress_target& allowed) {
    return allowed.port == target.port && http::equal_ignoring_case(allowed.host, target.host);
  });
}

}  // namespace daytona::local
