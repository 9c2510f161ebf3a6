#include "protocol/no_proxy.hpp"

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/headers.hpp"

namespace daytona::protocol {
namespace {

std::string plain_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), &model::to_lower);
  return name;
}

std::optional<unsigned> whole_number(std::string_view text, unsigned limit) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size() || number > limit) return std::nullopt;
  return number;
}

/// "name:80", "[::1]:80" and "[::1]" taken apart. An address with more than one colon has no port without brackets. False if it is neither.
bool take_port(std::string_view& text, std::optional<std::uint16_t>& port) {
  const auto bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  if (text.starts_with('[') && bracket == std::string_view::npos) return false;
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const bool is_bare_v6 = bracket == std::string_view::npos && colon != text.rfind(':');
  if (colon != std::string_view::npos && !is_bare_v6) {
    const auto number = whole_number(text.substr(colon + 1), 65535);
    if (!number) return false;
    port = static_cast<std::uint16_t>(*number);
    text = text.substr(0, colon);
  }
  if (bracket != std::string_view::npos) text = text.substr(1, bracket - 1);
  return !text.empty();
}

}  // namespace

bool is_loopback_name(std::string_view host) {
  const auto name = plain_name(host);
  return name == "localhost" || name.ends_with(".localhost");
}

bool is_loopback(std::string_view host) {
  const auto v4 = boost::urls::parse_ipv4_address({host.data(), host.size()});
  const auto v6 = boost::urls::parse_ipv6_address({host.data(), host.size()});
  return (v4 && v4->is_loopback()) || (v6 && v6->is_loopback()) || is_loopback_name(host);
}

no_proxy_list::no_proxy_list(std::string_view text) {
  constexpr std::string_view separators = ", \t\r\n";
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    auto made = read_entry(text.substr(0, end));
    if (made) entries_.push_back(*std::move(made));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool no_proxy_list::covers(std::string_view host, std::uint16_t port) const {
  if (entries_.empty()) return false;
  const auto name = plain_name(host);
  const auto address = read_address(name);
  return std::any_of(entries_.begin(), entries_.end(), [&](const entry& known) {
    if (known.port && *known.port != port) return false;
    if (known.what == entry::kind::all) return true;
    if (known.what == entry::kind::network) return address && is_in(*address, known);
    if (address) return false;
    return (known.what == entry::kind::name && name == known.name) || name.ends_with('.' + known.name);
  });
}

/// An IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`) counts as what it is.
std::optional<no_proxy_list::ip_bits> no_proxy_list::read_address(std::string_view text) {
  ip_bits address;
  const auto v4 = boost::urls::parse_ipv4_address({text.data(), text.size()});
  const auto v6 = boost::urls::parse_ipv6_address({text.data(), text.size()});
  if (v4) {
    const auto bytes = v4->to_bytes();
    std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
    address.size = 32;
  } else if (v6) {
    const auto bytes = v6->to_bytes();
    const bool is_mapped = v6->is_v4_mapped();
    std::copy(bytes.begin() + (is_mapped ? 12 : 0), bytes.end(), address.bytes.begin());
    address.size = is_mapped ? 32 : 128;
  } else {
    return std::nullopt;
  }
  return address;
}

std::optional<no_proxy_list::entry> no_proxy_list::read_entry(std::string_view text) {
  entry made;
  if (text.empty()) return std::nullopt;
  if (read_network(text, made)) return made;
  if (!take_port(text, made.port)) return std::nullopt;
  if (text == "*" || read_network(text, made)) return made;

  made.what = text.starts_with("*.") ? entry::kind::below : entry::kind::name;
  if (text.starts_with('*')) text.remove_prefix(1);
  if (text.starts_with('.')) text.remove_prefix(1);
  made.name = plain_name(text);
  if (made.name.empty() || made.name.find_first_of("*/:") != std::string::npos) return std::nullopt;
  return made;
}

/// An address, or one with the length of its network's prefix.
bool no_proxy_list::read_network(std::string_view text, entry& made) {
  const auto slash = text.find('/');
  const auto address = read_address(text.substr(0, slash));
  if (!address) return false;
  made.prefix = address->size;
  if (slash != std::string_view::npos) {
    const auto prefix = whole_number(text.substr(slash + 1), static_cast<unsigned>(address->size));
    if (!prefix) return false;
    made.prefix = *prefix;
  }
  made.what = entry::kind::network;
  made.network = *address;
  return true;
}

bool no_proxy_list::is_in(const ip_bits& address, const entry& network) {
  if (address.size != network.network.size) return false;
  for (std::size_t bit = 0; bit < network.prefix; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((address.bytes[bit / 8] ^ network.network.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace daytona::protocol
