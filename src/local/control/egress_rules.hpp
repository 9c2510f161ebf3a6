#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local {

/// Where a sandbox wants to go.
struct egress_target {
  std::string host;  ///< Name or address, without brackets.
  std::uint16_t port = 0;

  bool operator==(const egress_target&) const = default;
};

/// `host:port`, `[::1]:port`; without a port `default_port`, if that is not 0. Throws `std::invalid_argument`.
egress_target parse_egress_target(std::string_view text, std::uint16_t default_port = 0);

/// Whether an address belongs to the public internet: not this machine, not a private or link-local network, no
/// multicast, nothing reserved - also not wrapped in an IPv6 form that leads to such an IPv4 address.
bool is_public_address(const boost::asio::ip::address& address);

/// The addresses of this machine's interfaces, as they are now. One of them may be public, and is the machine nevertheless.
std::vector<boost::asio::ip::address> machine_addresses();

/// What sandboxes may reach beyond the public internet.
class egress_rules {
 public:
  egress_rules() = default;
  /// Throws `std::invalid_argument` naming the entry that is not HOST:PORT.
  explicit egress_rules(const std::vector<std::string>& allowed);

  /// Whether `target`, which is at `address`, may be reached. `machine` = the addresses of this machine.
  bool permits(const egress_target& target, const boost::asio::ip::address& address,
               const std::vector<boost::asio::ip::address>& machine) const;

 private:
  std::vector<egress_target> allowed_;
};

}  // namespace daytona::local
