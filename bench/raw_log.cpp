#include "raw_log.hpp"

#include <algorithm>
#include <cstring>

namespace daytona::bench {

namespace {

constexpr std::size_t marker_size = 3;

/// The first byte that may begin a marker, or the end.
std::size_t find_marker(std::string_view text) {
  const auto* const out = static_cast<const char*>(std::memchr(text.data(), 1, text.size()));
  const auto before = out ? static_cast<std::size_t>(out - text.data()) : text.size();
  const auto* const err = static_cast<const char*>(std::memchr(text.data(), 2, before));
  return err ? static_cast<std::size_t>(err - text.data()) : before;
}

}  // namespace

void raw_log::take(std::string_view bytes) {
  while (!bytes.empty()) {
    if (left_ == 0) {
      take_header(bytes);
      continue;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    take_payload(bytes.substr(0, size));
    bytes.remove_prefix(size);
    left_ -= size;
  }
}

void raw_log::take_header(std::string_view& bytes) {
  header_[header_size_++] = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  if (header_size_ < 2) return;
  const std::uint64_t length = header_[1] & 0x7FU;
  const std::size_t needed = length == 127 ? 10 : length == 126 ? 4 : 2;
  if (header_size_ < needed) return;
  left_ = needed == 2 ? length : 0;
  for (std::size_t i = 2; i < needed; ++i) left_ = left_ << 8 | header_[i];
  header_size_ = 0;
}

void raw_log::take_payload(std::string_view payload) {
  size_ += payload.size();
  while (!payload.empty()) {
    if (marked_ == 0) {
      payload.remove_prefix(find_marker(payload));
      if (payload.empty()) return;
      marker_ = payload.front();
    }
    marked_ = payload.front() == marker_ ? marked_ + 1 : 0;
    payload.remove_prefix(1);
    if (marked_ < marker_size) continue;
    marked_ = 0;
    size_ -= marker_size;
  }
}

}  // namespace daytona::bench
