#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What a target has to do: take any bytes and hold what it promises. libFuzzer calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace daytona::fuzz {

/// A promise of the code under test.
inline void hold(bool promise) {
  if (!promise) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The first byte of `input`, taken off it; 0 if there is none.
inline std::uint8_t take_byte(std::string_view& input) {
  if (input.empty()) return 0;
  const auto first = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return first;
}

/// Offers `bytes` in pieces of `piece` bytes (0 = all at once) to `feed`, which says how much it took; what it did not take is offered again with more
/// behind it. Ends when `feed` stands still or `is_over`.
template <class Buffer, class Feed, class IsOver>
void offer(std::string_view bytes, std::size_t piece, Buffer& pending, const Feed& feed, const IsOver& is_over) {
  while (!bytes.empty() && !is_over()) {
    const auto size = piece == 0 || piece > bytes.size() ? bytes.size() : piece;
    pending.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    while (!pending.empty() && !is_over()) {
      const std::size_t taken = feed(std::string_view(pending));
      hold(taken <= pending.size());
      pending.erase(0, taken);
      if (taken == 0) break;
    }
  }
}

}  // namespace daytona::fuzz
