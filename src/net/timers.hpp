#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

namespace daytona::net {

namespace asio = boost::asio;

using steady_time = std::chrono::steady_clock::time_point;

/// Something that is to be told when a time has come. Removed from its `timers` before it dies.
class timer_entry {
 public:
  timer_entry() = default;
  timer_entry(const timer_entry&) = delete;
  timer_entry& operator=(const timer_entry&) = delete;
  virtual ~timer_entry() = default;

 private:
  friend class timers;
  static constexpr std::size_t unset = std::numeric_limits<std::size_t>::max();

  /// Called once, with the lock of `timers` held: may only post.
  virtual void on_time() noexcept = 0;

  steady_time when_{};
  std::size_t position_ = unset;
};

/// All deadlines and pauses of one execution context on one timer, which is armed only while there are any. Tests put a manual clock in its place.
class timers : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;

  explicit timers(asio::execution_context& context);

  steady_time now() const;
  /// Adds `entry`, or moves it to another time. `executor` is one of this context.
  void set(timer_entry& entry, steady_time when, const asio::any_io_executor& executor);
  void remove(timer_entry& entry) noexcept;
  std::size_t size() const;

  /// From now on time stands still but for `advance_to`.
  void use_manual_clock(steady_time start);
  void advance_to(steady_time time);
  std::optional<steady_time> next() const;

 private:
  void shutdown() override;
  void place(std::size_t position, timer_entry* entry) noexcept;
  void sift_up(std::size_t position) noexcept;
  void sift_down(std::size_t position) noexcept;
  void take_out(timer_entry& entry) noexcept;
  void fire_due(steady_time now) noexcept;
  void arm();

  mutable std::mutex mutex_;
  std::vector<timer_entry*> heap_;  // a binary heap by time; each entry knows its position
  std::optional<asio::steady_timer> timer_;
  steady_time armed_at_ = steady_time::max();
  std::size_t generation_ = 0;
  std::atomic<bool> is_manual_{false};
  steady_time manual_now_{};
  bool shut_down_ = false;
};

/// The `timers` of the context that `executor` runs on.
timers& timers_of(const asio::any_io_executor& executor);

}  // namespace daytona::net
