#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "local/http/byte_budget.hpp"
#include "local/toolbox/session/session_limits.hpp"

namespace daytona::local::toolbox {

/// What the logs of a sandbox may hold together, and the texts of the commands that they are of.
class log_budget {
 public:
  explicit log_budget(const session_limits& limits)
      : limits_{limits}, texts_{std::make_shared<http::byte_budget>(limits.all_texts)} {}

  /// Of memory.
  const http::budget_ptr& texts() const { return texts_; }

  const session_limits& limits() const { return limits_; }
  /// Whether `size` more may be written to `file`; then they count until they are given back. Otherwise `why` says what is exhausted.
  bool take(std::uint64_t size, int file, std::string& why);
  void give_back(std::uint64_t size) { used_ -= size; }

 private:
  bool disk_has_room(int file) const;

  session_limits limits_;
  http::budget_ptr texts_;
  std::uint64_t used_ = 0;
  std::uint64_t until_next_look_ = 0;  ///< Bytes that may be written before the disk is looked at again.
};

}  // namespace daytona::local::toolbox
