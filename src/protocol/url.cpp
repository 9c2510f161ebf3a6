#include "protocol/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "model/headers.hpp"
#include "model/json_writer.hpp"

namespace daytona::protocol {
namespace {

constexpr bool is_unreserved(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_unreserved) - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    const auto byte = static_cast<unsigned char>(text[plain]);
    out.append({'%', hex[byte >> 4], hex[byte & 0xF]});
    text.remove_prefix(plain + 1);
  }
}

std::uint16_t default_port(bool is_tls) noexcept { return is_tls ? 443 : 80; }

std::string bracketed(std::string_view host) {
  const std::string name(host);
  return host.find(':') == std::string_view::npos ? name : '[' + name + ']';
}

bool is_ip_literal(std::string_view host) { return host.starts_with('[') && host.ends_with(']'); }

// The address or name without its brackets, in lower case.
std::string plain_host(std::string_view encoded) {
  if (is_ip_literal(encoded)) encoded = encoded.substr(1, encoded.size() - 2);
  std::string host(encoded);
  std::transform(host.begin(), host.end(), host.begin(), &model::to_lower);
  return host;
}

// Boost 1.81 takes "h:x" without complaint.
bool has_stray_port(std::string_view host, std::string_view path) {
  return (!is_ip_literal(host) && host.find(':') != std::string_view::npos) || (!path.empty() && path.front() != '/');
}

// By its text: Boost.URL may tell a number beyond 16 bits as another one.
bool has_usable_port(const boost::urls::url_view& url) {
  const std::string_view text(url.port().data(), url.port().size());
  if (text.empty()) return true;
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && number >= 1 && number <= 65535;
}

const char* complaint_about(const boost::urls::url_view& url, bool is_http) {
  if (!is_http) return "it must begin with http:// or https://";
  if (url.has_userinfo()) return "it must not hold a user or password";
  if (url.has_query() || url.has_fragment()) return "it must have no query and no fragment";
  if (url.encoded_host().empty()) return "it has no host";
  if (url.encoded_host().find('%') != std::string_view::npos) return "its host must not be percent-encoded";
  const std::string_view host(url.encoded_host().data(), url.encoded_host().size());
  const std::string_view path(url.encoded_path().data(), url.encoded_path().size());
  if (has_stray_port(host, path)) return "its port must be 1 to 65535";
  if (!has_usable_port(url)) return "its port must be 1 to 65535";
  return nullptr;
}

}  // namespace

std::string base_url::origin() const { return (is_tls ? "https://" : "http://") + host_and_port(host, port); }

std::string host_and_port(std::string_view host, std::uint16_t port) {
  return bracketed(host).append(":").append(std::to_string(port));
}

boost::system::result<base_url, url_failure> parse_base_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return url_failure{"it is not a URL"};
  const boost::urls::url_view& url = *parsed;
  const std::string_view scheme(url.scheme().data(), url.scheme().size());
  const bool is_tls = model::equal_ignoring_case(scheme, "https");
  const char* complaint = complaint_about(url, is_tls || model::equal_ignoring_case(scheme, "http"));
  if (complaint) return url_failure{complaint};

  base_url base;
  base.is_tls = is_tls;
  base.host = plain_host({url.encoded_host().data(), url.encoded_host().size()});
  base.port = url.port_number() != 0 ? url.port_number() : default_port(is_tls);
  base.path.assign(url.encoded_path().data(), url.encoded_path().size());
  while (base.path.ends_with('/')) base.path.pop_back();
  base.host_header = base.port == default_port(is_tls) ? bracketed(base.host) : host_and_port(base.host, base.port);
  return base;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  append_encoded(out, text);
  return out;
}

request_target& request_target::route(std::string_view path) {
  text_.append(path);
  return *this;
}

// "." and ".." are encoded too: as they are, clients and proxies on the way would resolve them.
request_target& request_target::segment(std::string_view segment) {
  text_.reserve(text_.size() + 1 + segment.size());
  text_.push_back('/');
  if (segment == "." || segment == "..") {
    for (std::size_t dot = 0; dot < segment.size(); ++dot) text_.append("%2E");
    return *this;
  }
  append_encoded(text_, segment);
  return *this;
}

request_target& request_target::query(std::string_view name, std::string_view value) {
  text_.push_back(has_query_ ? '&' : '?');
  has_query_ = true;
  append_encoded(text_, name);
  text_.push_back('=');
  append_encoded(text_, value);
  return *this;
}

request_target& request_target::query(std::string_view name, bool value) {
  return query(name, value ? "true" : "false");
}

request_target& request_target::query(std::string_view name, std::int64_t value) {
  return query(name, std::to_string(value));
}

// Whole numbers without a fraction, as in JSON.
request_target& request_target::query(std::string_view name, double value) {
  std::string text;
  model::json_writer(text).value(value);
  return query(name, text);
}

}  // namespace daytona::protocol
