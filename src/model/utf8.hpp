#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace daytona::model {

/// Length of the well-formed UTF-8 sequence at the start of `text` (1 to 4), 0 if there is none: truncated, overlong, a
/// surrogate, beyond U+10FFFF, or a stray byte.
std::size_t utf8_sequence_length(std::string_view text) noexcept;

/// Whether the whole of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text) noexcept;

/// `text` with U+FFFD in the place of each maximal ill-formed part, as Unicode recommends and browsers do.
std::string replace_invalid_utf8(std::string_view text);

/// Length of the ill-formed part at the start of `text` that one U+FFFD stands for; at least 1. Requires that
/// `utf8_sequence_length(text)` is 0 and `text` is not empty.
std::size_t utf8_invalid_length(std::string_view text) noexcept;

/// How many bytes at the end of `text` begin a character that is not complete: 0 to 3.
std::size_t utf8_incomplete_tail(std::string_view text) noexcept;

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

}  // namespace daytona::model
