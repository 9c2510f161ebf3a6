#include "local/http/target.hpp"

namespace daytona::local::http {
namespace {

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
