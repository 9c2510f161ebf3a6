#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "net/timers.hpp"

namespace daytona::local::http {

/// Runs `action` on its executor once the time has come by the context's clock, unless it is set anew, stopped or gone
/// before. Held by a `shared_ptr`.
class alarm final : public net::timer_entry, public std::enable_shared_from_this<alarm> {
 public:
  alarm(boost::asio::any_io_executor executor, std::function<void()> action);
  ~alarm() override;
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;

  void set(std::chrono::nanoseconds from_now);
  void stop();

 private:
  void on_time() noexcept override;

  boost::asio::any_io_executor executor_;
  net::timers& timers_;
  std::function<void()> action_;
  std::size_t setting_ = 0;  ///< An alarm that went off before it was set anew is void.
};

/// Waits of one coroutine by the context's clock, which others can end early.
class clock_wait {
 public:
  explicit clock_wait(const boost::asio::any_io_executor& executor);
  /// Ends early without an error when it is woken, and with one when the coroutine is cancelled.
  boost::asio::awaitable<void> wait(std::chrono::nanoseconds time);
  void wake();

 private:
  boost::asio::steady_timer sleeper_;  // never fires
  std::shared_ptr<alarm> alarm_;
  bool woken_ = false;
};

/// Does nothing for so long.
boost::asio::awaitable<void> pause(std::chrono::nanoseconds time);

}  // namespace daytona::local::http
