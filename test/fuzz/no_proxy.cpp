// NO_PROXY, and the servers that it names. Lines of the input: the list, a host; then come the bytes of an address and of a network.
#include "protocol/no_proxy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "fuzz.hpp"
#include "model/headers.hpp"

namespace {

using namespace daytona;
using fuzz::hold;
using protocol::no_proxy_list;

constexpr std::uint16_t port = 443;

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::string other_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

/// A list covers what one of its entries covers, whatever stands beside it.
bool covered_by_one(std::string_view list, std::string_view host) {
  constexpr std::string_view separators = ", \t\r\n";
  for (;;) {
    const auto end = list.find_first_of(separators);
    if (no_proxy_list(list.substr(0, end)).covers(host, port)) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

void check_list(std::string_view text, std::string_view host) {
  const bool covered = no_proxy_list(text).covers(host, port);
  hold(covered == covered_by_one(text, host));
  hold(covered == no_proxy_list(other_case(text)).covers(other_case(host), port));
  hold(!covered || no_proxy_list(std::string(text) + ",other.test").covers(host, port));
  hold(no_proxy_list(std::string(text) + " *").covers(host, port));
  hold(no_proxy_list(std::string(text) + ",*:80").covers(host, port) == covered);
}

bool is_name(std::string_view text) {
  const bool has_letter = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'g' && c <= 'z'; });
  const bool is_plain =
      std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '.'; });
  return has_letter && is_plain && text.size() < 250 && text.front() != '.' && text.back() != '.';
}

/// A name covers itself and what is below it, and nothing that merely ends alike.
void check_name(const std::string& name) {
  for (const auto& entry : {name, '.' + name, name + ":443", name + '.'}) {
    const no_proxy_list list{entry};
    hold(list.covers(name, port) && list.covers("below." + name, port) && list.covers(name + '.', port));
    hold(!list.covers("x" + name, port) && !list.covers(name + ".t3st", port));
  }
  const no_proxy_list below{"*." + name};
  hold(!below.covers(name, port) && below.covers("below." + name, port) && !below.covers("x" + name, port));
  hold(!no_proxy_list(name + ":80").covers(name, port));
}

struct network_case {
  std::array<unsigned char, 4> address{}, network{};
  unsigned char prefix = 0;
};

std::uint32_t number_of(const std::array<unsigned char, 4>& bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// An address is in a network if it begins as that does, in whatever notation the two are written.
void check_network(const network_case& what) {
  const unsigned prefix = what.prefix % 33;
  const std::uint32_t mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
  const bool inside = ((number_of(what.address) ^ number_of(what.network)) & mask) == 0;
  const auto address = fmt::format("{}", fmt::join(what.address, "."));
  const no_proxy_list list{fmt::format("{}/{}", fmt::join(what.network, "."), prefix)};

  hold(list.covers(address, port) == inside);
  hold(list.covers("::ffff:" + address, port) == inside);
  hold(!list.covers(address + ".test", port) && !list.covers("::1", port));
  hold(no_proxy_list(address).covers(address, port) && no_proxy_list(address + ":443").covers(address, port));
  hold(!no_proxy_list(address + ":80").covers(address, port));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const auto list = take_line(input);
  const auto host = take_line(input);
  check_list(list, host);
  if (!host.empty() && is_name(host)) check_name(std::string(host));
  network_case what;
  if (input.size() >= sizeof what) std::memcpy(&what, input.data(), sizeof what);
  check_network(what);
  return 0;
}
