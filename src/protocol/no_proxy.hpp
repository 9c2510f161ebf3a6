#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::protocol {

/// `localhost` and what ends with `.localhost`, which are loopback wherever they are asked for (RFC 6761).
bool is_loopback_name(std::string_view host);
/// A loopback name or address.
bool is_loopback(std::string_view host);

/// The servers that are reached without a proxy, as `NO_PROXY` names them.
class no_proxy_list {
 public:
  no_proxy_list() = default;
  /// Entries apart by commas or blanks, each with `:port` behind it or not: `*` for all, `example.com` and `.example.com` for the name and all below it,
  /// `*.example.com` for what is below it, an IP address (IPv6 with or without brackets), a network like `10.0.0.0/8`. What is none of these covers nothing.
  explicit no_proxy_list(std::string_view text);

  /// `host` as in a URL, an IPv6 address without its brackets.
  bool covers(std::string_view host, std::uint16_t port) const;

 private:
  struct ip_bits {
    std::array<unsigned char, 16> bytes{};
    std::size_t size = 0;  // in bits: 32 or 128
  };
  struct entry {
    enum class kind { all, name, below, network } what = kind::all;
    std::string name;
    ip_bits network;
    std::size_t prefix = 0;
    std::optional<std::uint16_t> port;
  };

  static std::optional<ip_bits> read_address(std::string_view text);
  static std::optional<entry> read_entry(std::string_view text);
  static bool read_network(std::string_view text, entry& made);
  static bool is_in(const ip_bits& address, const entry& network);

  std::vector<entry> entries_;
};

}  // namespace daytona::protocol
