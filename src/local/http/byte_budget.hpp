#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace daytona::local::http {

/// How much memory there is for all of one kind together: each is limited, but there may be any number of them.
class byte_budget {
 public:
  explicit byte_budget(std::size_t most) : most_{most} {}
  byte_budget(const byte_budget&) = delete;
  byte_budget& operator=(const byte_budget&) = delete;

  std::size_t most() const { return most_; }
  std::size_t left() const { return most_ - used_; }

 private:
  friend class byte_share;
  std::size_t most_;
  std::size_t used_ = 0;
};

using budget_ptr = std::shared_ptr<byte_budget>;

/// What one of them has of the budget. It goes back at the end of the share's life, or earlier.
class byte_share {
 public:
  explicit byte_share(budget_ptr budget) : budget_{std::move(budget)} {}
  byte_share(byte_share&& other) noexcept : budget_{other.budget_}, held_{std::exchange(other.held_, 0)} {}
  byte_share& operator=(byte_share&&) = delete;
  ~byte_share() { give_back(); }

  /// False, and nothing is taken, if there is less.
  bool take(std::size_t more) {
    if (more > budget_->left()) return false;
    budget_->used_ += more;
    held_ += more;
    return true;
  }
  std::size_t held() const { return held_; }
  void give_back() { budget_->used_ -= std::exchange(held_, 0); }
  const byte_budget& budget() const { return *budget_; }

 private:
  budget_ptr budget_;
  std::size_t held_ = 0;
};

/// What texts with names take, with what that takes besides.
inline std::size_t size_in_memory(const std::map<std::string, std::string>& texts) {
  constexpr std::size_t beside = 64;
  std::size_t size = 0;
  for (const auto& [name, value] : texts) size += name.size() + value.size() + beside;
  return size;
}

}  // namespace daytona::local::http
