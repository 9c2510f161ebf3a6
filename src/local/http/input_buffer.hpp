#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace daytona::local::http {

/// What came and is not read yet. Taking from it moves nothing: a thousand requests in one piece cost as much as in a thousand.
class input_buffer {
 public:
  bool empty() const { return taken_ == bytes_.size(); }
  std::string_view unread() const { return std::string_view{bytes_}.substr(taken_); }

  void append(std::string_view more) {
    bytes_.erase(0, std::exchange(taken_, 0));
    bytes_.append(more);
  }
  /// A buffer of which all is taken holds no memory.
  void take(std::size_t count) {
    taken_ += count;
    if (empty()) clear();
  }
  void clear() {
    bytes_ = {};
    taken_ = 0;
  }
  /// What is unread, for another reader.
  std::string release() {
    bytes_.erase(0, std::exchange(taken_, 0));
    return std::exchange(bytes_, {});
  }

 private:
  std::string bytes_;
  std::size_t taken_ = 0;
};

}  // namespace daytona::local::http
