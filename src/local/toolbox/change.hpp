#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daytona::local::toolbox {

/// Wakes those that wait for something to change. They look again after each time, and whoever cancels them does so at their next wait.
class change {
 public:
  explicit change(const boost::asio::any_io_executor& executor)
      : timer_{executor, boost::asio::steady_timer::time_point::max()} {}

  /// Until the next `tell`. Lives as long as this object, which the caller holds.
  boost::asio::awaitable<void> next() {
    boost::system::error_code woken;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
  void tell() { timer_.cancel(); }
  boost::asio::any_io_executor executor() { return timer_.get_executor(); }

 private:
  boost::asio::steady_timer timer_;  // never fires
};

}  // namespace daytona::local::toolbox
