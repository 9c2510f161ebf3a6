#include "local/toolbox/files/name_pattern.hpp"

#include <algorithm>
#include <string>

#include "model/utf8.hpp"

namespace daytona::local::toolbox {

namespace {

/// A byte that begins no character becomes one beyond all characters, so that no other is equal to it.
constexpr char32_t first_byte = 0x110000;

char32_t decode(std::string_view sequence) {
  const auto at = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(sequence[i])); };
  if (sequence.size() == 1) return at(0);
  char32_t code = at(0) & (0x7FU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) code = code << 6 | (at(i) & 0x3FU);
  return code;
}

std::u32string characters_of(std::string_view text) {
  std::u32string all;
  while (!text.empty()) {
    const std::size_t length = model::utf8_sequence_length(text);
    all += length == 0 ? first_byte + static_cast<unsigned char>(text[0]) : decode(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return all;
}

char32_t take(std::u32string_view& left) {
  const char32_t first = left[0];
  left.remove_prefix(1);
  return first;
}

/// An end of a range.
std::optional<char32_t> take_end(std::u32string_view& left) {
  if (left.empty() || left[0] == '-' || left[0] == ']') return std::nullopt;
  const char32_t first = take(left);
  if (first != '\\') return first;
  if (left.empty()) return std::nullopt;
  return take(left);
}

}  // namespace

std::optional<name_pattern::token> name_pattern::parse_set(std::u32string_view& left) {
  token set{token::kind::one_of, {}};
  if (!left.empty() && left[0] == '^') {
    set.is = token::kind::none_of;
    left.remove_prefix(1);
  }
  while (set.ranges.empty() || left.empty() || left[0] != ']') {
    const auto low = take_end(left);
    if (!low || left.empty()) return std::nullopt;
    auto high = low;
    if (left[0] == '-') {
      left.remove_prefix(1);
      high = take_end(left);
      if (!high || left.empty()) return std::nullopt;
    }
    set.ranges.emplace_back(*low, *high);
  }
  left.remove_prefix(1);
  return set;
}

std::optional<name_pattern> name_pattern::parse(std::string_view text) {
  const std::u32string characters = characters_of(text);
  std::u32string_view left = characters;
  name_pattern pattern;
  while (!left.empty()) {
    const char32_t first = take(left);
    if (first == '*') {
      pattern.tokens_.push_back({token::kind::any_run, {}});
    } else if (first == '?') {
      pattern.tokens_.push_back({token::kind::none_of, {}});
    } else if (first == '[') {
      auto set = parse_set(left);
      if (!set) return std::nullopt;
      pattern.tokens_.push_back(std::move(*set));
    } else {
      if (first == '\\' && left.empty()) return std::nullopt;
      const char32_t itself = first == '\\' ? take(left) : first;
      pattern.tokens_.push_back({token::kind::one_of, {{itself, itself}}});
    }
  }
  return pattern;
}

bool name_pattern::matches(std::string_view name) const {
  const std::u32string characters = characters_of(name);
  const auto takes = [](const token& one, char32_t character) {
    const bool is_in = std::any_of(one.ranges.begin(), one.ranges.end(), [&](const auto& range) {
      return range.first <= character && character <= range.second;
    });
    return is_in == (one.is == token::kind::one_of);
  };

  // Where a run could have ended later, matching goes on from there: only the last run matters.
  std::size_t token_at = 0;
  std::size_t place = 0;
  std::optional<std::pair<std::size_t, std::size_t>> later;
  while (place < characters.size() || token_at < tokens_.size()) {
    if (token_at < tokens_.size() && tokens_[token_at].is == token::kind::any_run) {
      later = {token_at, place + 1};
      ++token_at;
    } else if (token_at < tokens_.size() && place < characters.size() && takes(tokens_[token_at], characters[place])) {
      ++token_at;
      ++place;
    } else if (later && later->second <= characters.size()) {
      token_at = later->first;
      place = later->second;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace daytona::local::toolbox
