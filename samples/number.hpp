// A sample's argument that is a whole number.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace samples {

inline std::size_t number(std::string_view text, std::size_t most) {
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value > most)
    throw std::invalid_argument(fmt::format("'{}' is no number from 0 to {}", text, most));
  return value;
}

}  // namespace samples
