#include "model/utf8.hpp"

namespace daytona::model {
namespace {

struct lead {
  std::size_t length = 0;           // 0 = no byte that starts a sequence
  unsigned char second_min = 0x80;  // what the second byte may be: rules out overlong forms, surrogates, > U+10FFFF
  unsigned char second_max = 0xBF;
};

lead lead_of(unsigned char byte) noexcept {
  if (byte < 0x80) return {1, 0x80, 0xBF};
  if (byte < 0xC2) return {};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

// How many bytes at the start of `text` are the beginning of some well-formed sequence.
std::size_t valid_prefix(std::string_view text, const lead& first) noexcept {
  if (first.length < 2) return first.length;
  std::size_t count = 1;
  for (; count < first.length && count < text.size(); ++count) {
    const auto byte = static_cast<unsigned char>(text[count]);
    const unsigned char min = count == 1 ? first.second_min : 0x80;
    const unsigned char max = count == 1 ? first.second_max : 0xBF;
    if (byte < min || byte > max) break;
  }
  return count;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const lead first = lead_of(static_cast<unsigned char>(text.front()));
  return valid_prefix(text, first) == first.length ? first.length : 0;
}

std::size_t utf8_invalid_length(std::string_view text) noexcept {
  const std::size_t prefix = valid_prefix(text, lead_of(static_cast<unsigned char>(text.front())));
  return prefix == 0 ? 1 : prefix;
}

std::size_t utf8_incomplete_tail(std::string_view text) noexcept {
  constexpr std::size_t longest = 3;
  for (std::size_t size = 1; size <= longest && size <= text.size(); ++size) {
    const auto tail = text.substr(text.size() - size);
    const auto first = lead_of(static_cast<unsigned char>(tail.front()));
    if (first.length > size && valid_prefix(tail, first) == size) return size;
  }
  return 0;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    if (length != 0) {
      out.append(text.substr(0, length));
    } else {
      length = utf8_invalid_length(text);
      out.append(replacement_character);
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace daytona::model
