// The URL of a proxy, from a configuration or the environment. Lines of the input: the URL, a user, a password.
#include <array>

#include "fuzz.hpp"
#include "model/base64.hpp"
#include "protocol/proxy.hpp"

namespace {

using namespace daytona;
using fuzz::hold;

bool is_visible(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c > '~') return false;
  return true;
}

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

bool is_same_place(const protocol::proxy_address& left, const protocol::proxy_address& right) {
  return left.is_tls == right.is_tls && left.host == right.host && left.port == right.port;
}

/// A proxy can be asked for a tunnel without a byte of its URL leaving its field.
void check_request(const protocol::proxy_address& proxy) {
  const auto request = protocol::tunnel_request("api.test", 443, proxy);
  std::size_t lines = 0;
  for (std::string_view rest = request; !rest.empty(); ++lines) {
    const auto end = rest.find("\r\n");
    hold(end != std::string_view::npos);
    for (const char c : rest.substr(0, end)) hold(c >= ' ' && c <= '~');
    rest.remove_prefix(end + 2);
  }
  hold(lines == (proxy.authorization.empty() ? 3 : 4));
}

void check_url(std::string_view text) {
  const auto proxy = protocol::parse_proxy_url(text);
  if (!proxy) {
    hold(!proxy.error().what.empty());
    return;
  }
  hold(!proxy->host.empty() && proxy->port != 0 && is_visible(proxy->host));
  hold(proxy->host.find_first_of("/?#@\\[]") == std::string::npos);
  hold(proxy->authorization.empty() || proxy->authorization.starts_with("Basic "));
  check_request(*proxy);

  const auto again = protocol::parse_proxy_url((proxy->is_tls ? "https://" : "http://") + proxy->place());
  hold(again.has_value() && is_same_place(*again, *proxy) && again->authorization.empty());
}

/// A password is told to the proxy, and to nobody else.
void check_secret(std::string_view url, std::string_view user, std::string_view password) {
  constexpr std::string_view secret = "zQ9-secret-7Kx";
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto with = [&](std::string_view name, std::string_view word) {
    return std::string(url.substr(0, begin))
        .append(name)
        .append(":")
        .append(word)
        .append("@")
        .append(url.substr(begin));
  };
  const auto hidden = protocol::parse_proxy_url(with("user", secret));
  if (!hidden) {
    hold(hidden.error().what.find(secret) == std::string::npos);
    return;
  }
  hold(hidden->place().find(secret) == std::string::npos && hidden->host.find(secret) == std::string::npos);

  const auto told = protocol::parse_proxy_url(with(protocol::percent_encode(user), protocol::percent_encode(password)));
  hold(told.has_value() && is_same_place(*told, *hidden));
  hold(told->authorization == "Basic " + model::encode_base64(std::string(user).append(":").append(password)));
  check_request(*told);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const auto url = take_line(input);
  const auto user = take_line(input);
  check_url(url);
  if (url.find('@') == std::string_view::npos) check_secret(url, user, input);
  return 0;
}
