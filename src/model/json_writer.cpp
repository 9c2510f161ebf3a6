#include "model/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "model/utf8.hpp"

namespace daytona::model {
namespace {

constexpr bool stands_for_itself(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.append("\\u00");
  out.push_back(hex[byte >> 4]);
  out.push_back(hex[byte & 0xF]);
}

}  // namespace

void json_writer::separate() {
  if (out_.size() == start_) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_.push_back(',');
}

void json_writer::open(char bracket) {
  separate();
  out_.push_back(bracket);
}

void json_writer::key(std::string_view name) {
  separate();
  append_quoted(name);
  out_.push_back(':');
}

void json_writer::value(std::string_view text) {
  separate();
  append_quoted(text);
}

void json_writer::value(bool flag) { raw(flag ? "true" : "false"); }
void json_writer::null() { raw("null"); }

void json_writer::raw(std::string_view json) {
  separate();
  out_.append(json);
}

void json_writer::value(std::int64_t number) {
  std::array<char, 24> text;
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), number);
  raw({text.data(), static_cast<std::size_t>(end - text.data())});
}

void json_writer::value(double number) {
  if (!std::isfinite(number)) return null();
  constexpr double exact = 9007199254740992.0;  // 2^53: whole numbers beyond are not exact anyway
  if (number == std::trunc(number) && std::abs(number) <= exact) return value(static_cast<std::int64_t>(number));
  std::array<char, 32> text;
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), number);
  raw({text.data(), static_cast<std::size_t>(end - text.data())});
}

void json_writer::append_quoted(std::string_view text) {
  out_.reserve(out_.size() + text.size() + 2);
  out_.push_back('"');
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && stands_for_itself(text[plain])) ++plain;
    out_.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;

    std::size_t length = utf8_sequence_length(text);
    if (length == 1) {
      append_escape(out_, text.front());
    } else if (length != 0) {
      out_.append(text.substr(0, length));
    } else {
      length = utf8_invalid_length(text);
      out_.append(replacement_character);
    }
    text.remove_prefix(length);
  }
  out_.push_back('"');
}

}  // namespace daytona::model
