#include "local/toolbox/identifiers.hpp"

#include <sys/random.h>

#include <array>
#include <string_view>

namespace daytona::local::toolbox {

std::string new_uuid() {
  std::array<unsigned char, 16> bytes{};
  [[maybe_unused]] const auto filled = ::getrandom(bytes.data(), bytes.size(), 0);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    if (n == 4 || n == 6 || n == 8 || n == 10) id += '-';
    id += digits[bytes[n] >> 4U];
    id += digits[bytes[n] & 0x0FU];
  }
  return id;
}

}  // namespace daytona::local::toolbox
