#include "protocol/retry_after.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "protocol/timestamps.hpp"

namespace daytona::protocol {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::seconds longest_seconds = std::chrono::hours(24);
constexpr milliseconds longest = longest_seconds;

std::optional<milliseconds> parse_value(std::string_view text, std::chrono::system_clock::time_point now) {
  double seconds = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (failure == std::errc() && end == text.data() + text.size()) {
    if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
    const double bounded = std::min(seconds * 1000, static_cast<double>(longest.count()));
    return milliseconds(static_cast<std::int64_t>(std::ceil(bounded)));
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  // In seconds: a date far ahead does not fit into the clock's nanoseconds.
  const auto ahead = *date - std::chrono::floor<std::chrono::seconds>(now);
  return std::clamp<milliseconds>(std::min<std::chrono::seconds>(ahead, longest_seconds), milliseconds(0), longest);
}

}  // namespace

std::optional<milliseconds> parse_retry_after(const model::header_list& headers,
                                              std::chrono::system_clock::time_point now) {
  constexpr std::string_view name = "Retry-After";
  std::optional<milliseconds> wait;
  for (const auto& [header, value] : headers) {
    if (!model::starts_with_ignoring_case(header, name)) continue;
    const bool plain = header.size() == name.size();
    if (!plain && header[name.size()] != '-') continue;
    const auto parsed = parse_value(value, now);
    if (!parsed) continue;
    if (plain) return parsed;
    wait = std::max(wait.value_or(milliseconds(0)), *parsed);
  }
  return wait;
}

}  // namespace daytona::protocol
