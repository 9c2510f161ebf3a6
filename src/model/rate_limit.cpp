#include "model/rate_limit.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace daytona::model {
namespace {

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

rate_limit& entry_for(std::vector<rate_limit>& limits, std::string_view name) {
  const auto found = std::find_if(limits.begin(), limits.end(),
                                  [&](const rate_limit& entry) { return equal_ignoring_case(entry.name, name); });
  if (found != limits.end()) return *found;
  limits.emplace_back().name = name;
  return limits.back();
}

// "X-RateLimit-Limit" and "X-RateLimit-Limit-{name}": the name, or nothing if `header` is another one.
std::optional<std::string_view> name_after(std::string_view header, std::string_view prefix) {
  if (!starts_with_ignoring_case(header, prefix)) return std::nullopt;
  const std::string_view rest = header.substr(prefix.size());
  if (rest.empty()) return rest;
  if (rest.front() != '-') return std::nullopt;
  return rest.substr(1);
}

}  // namespace

std::vector<rate_limit> rate_limits(const header_list& headers) {
  std::vector<rate_limit> limits;
  for (const auto& [header, value] : headers) {
    if (!starts_with_ignoring_case(header, "X-RateLimit-")) continue;
    const auto number = to_number(value);
    if (!number) continue;
    if (const auto limit = name_after(header, "X-RateLimit-Limit"))
      entry_for(limits, *limit).limit = number;
    else if (const auto remaining = name_after(header, "X-RateLimit-Remaining"))
      entry_for(limits, *remaining).remaining = number;
    else if (const auto reset = name_after(header, "X-RateLimit-Reset"))
      entry_for(limits, *reset).reset = std::chrono::seconds(*number);
  }
  return limits;
}

}  // namespace daytona::model
