#include "local/http/target.hpp"

#include <algorithm>

namespace daytona::local::http {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_of_name(char c) {
  return is_digit(c) || is_letter(c) || std::string_view{"-._~%!$&'()*+,;="}.find(c) != std::string_view::npos;
}
bool is_of_address(char c) { return is_of_name(c) || c == ':'; }
bool is_of_scheme(char c) { return is_digit(c) || is_letter(c) || c == '+' || c == '-' || c == '.'; }

bool is_address(std::string_view text) {
  return text.find(':') != std::string_view::npos && std::ranges::all_of(text, is_of_address);
}

bool is_url(std::string_view target) {
  const auto end = target.find("://");
  if (end == std::string_view::npos || end == 0 || !is_letter(target[0])) return false;
  if (!std::ranges::all_of(target.substr(0, end), is_of_scheme)) return false;
  const auto rest = target.substr(end + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return !authority.empty() && is_host(authority);
  const auto host = authority.substr(at + 1);
  return std::ranges::all_of(authority.substr(0, at), is_of_address) && !host.empty() && is_host(host);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> query_decoded(std::string_view text, query_rules rules) {
  std::string blanks{text};
  for (char& c : blanks)
    if (c == '+') c = ' ';
  if (auto decoded = percent_decoded(blanks)) return decoded;
  if (rules == query_rules::strict) return std::nullopt;
  return blanks;
}

}  // namespace

bool is_request_target(std::string_view method, std::string_view target) {
  if (target.find('#') != std::string_view::npos) return false;
  if (method == "CONNECT") return target.find(':') != std::string_view::npos && is_host(target);
  return target.starts_with('/') || (target == "*" && method == "OPTIONS") || is_url(target);
}

bool is_host(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || !is_address(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    const auto end = std::min(text.find(':'), text.size());
    if (!std::ranges::all_of(text.substr(0, end), is_of_name)) return false;
    port = text.substr(end);
  }
  return port.empty() || (port[0] == ':' && std::ranges::all_of(port.substr(1), is_digit));
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::vector<std::string_view> path_segments(std::string_view raw_path) {
  std::vector<std::string_view> segments;
  while (!raw_path.empty()) {
    const auto slash = raw_path.find('/');
    const auto segment = raw_path.substr(0, slash);
    if (!segment.empty()) segments.push_back(segment);
    if (slash == std::string_view::npos) break;
    raw_path.remove_prefix(slash + 1);
  }
  return segments;
}

query::query(std::string_view raw, query_rules rules) {
  while (!raw.empty()) {
    const auto end = raw.find('&');
    const auto pair = raw.substr(0, end);
    raw = end == std::string_view::npos ? std::string_view{} : raw.substr(end + 1);
    if (pair.empty() || (rules == query_rules::strict && pair.find(';') != std::string_view::npos)) continue;

    const auto equals = pair.find('=');
    auto name = query_decoded(pair.substr(0, equals), rules);
    auto value = query_decoded(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), rules);
    if (name && value) pairs_.emplace_back(std::move(*name), std::move(*value));
  }
}

std::optional<std::string_view> query::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string_view> query::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : pairs_) {
    const std::string_view plain = key.ends_with("[]") ? std::string_view{key}.substr(0, key.size() - 2) : key;
    if (plain == name) values.push_back(value);
  }
  return values;
}

}  // namespace daytona::local::http
