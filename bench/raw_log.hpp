#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace daytona::bench {

/// The least that reads a followed log: takes the server's frames apart, finds the markers of its lines, and counts what is left. It keeps nothing, checks
/// nothing, and knows no frames but those of this server.
class raw_log {
 public:
  void take(std::string_view bytes);
  std::uint64_t size() const noexcept { return size_; }

 private:
  void take_header(std::string_view& bytes);
  void take_payload(std::string_view payload);

  std::array<unsigned char, 10> header_{};
  std::size_t header_size_ = 0;
  std::uint64_t left_ = 0;  // of the frame
  std::uint64_t size_ = 0;
  char marker_ = 0;
  std::size_t marked_ = 0;  // bytes of a marker that have come
};

}  // namespace daytona::bench
