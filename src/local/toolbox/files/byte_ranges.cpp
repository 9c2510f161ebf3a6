#include "local/toolbox/files/byte_ranges.hpp"

#include <algorithm>
#include <charconv>

#include "local/http/message.hpp"

namespace daytona::local::toolbox {

namespace {

using kind = wanted_ranges::kind;

std::optional<std::uint64_t> parse_offset(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// One of them; of length 0 if it begins behind the end. Absent if it is malformed.
std::optional<byte_range> parse_range(std::string_view text, std::uint64_t size) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = http::without_blanks(text.substr(0, dash));
  const auto last = http::without_blanks(text.substr(dash + 1));
  const auto end = parse_offset(last);
  if (first.empty()) {
    if (!end) return std::nullopt;
    const std::uint64_t length = std::min(*end, size);
    return byte_range{size - length, length};
  }
  const auto start = parse_offset(first);
  if (!start || (!end && !last.empty()) || (end && *end < *start)) return std::nullopt;
  if (*start >= size) return byte_range{size, 0};
  const std::uint64_t most = size - *start;
  return byte_range{*start, end ? std::min(most, *end - *start + 1) : most};
}

}  // namespace

wanted_ranges parse_ranges(std::string_view field, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  wanted_ranges wanted;
  if (field.empty()) return wanted;
  if (!field.starts_with(unit)) return {kind::malformed, {}};
  field.remove_prefix(unit.size());

  std::uint64_t total = 0;
  bool had_any = false;
  while (!field.empty()) {
    const auto end = std::min(field.find(','), field.size());
    const auto text = http::without_blanks(field.substr(0, end));
    field.remove_prefix(std::min(end + 1, field.size()));
    if (text.empty()) continue;
    const auto range = parse_range(text, size);
    if (!range) return {kind::malformed, {}};
    had_any = true;
    if (range->length == 0) continue;
    total += range->length;
    if (total > size) return {};
    wanted.parts.push_back(*range);
  }
  if (!had_any || (wanted.parts.empty() && size == 0)) return wanted;
  wanted.is = wanted.parts.empty() ? kind::none : kind::parts;
  return wanted;
}

}  // namespace daytona::local::toolbox
