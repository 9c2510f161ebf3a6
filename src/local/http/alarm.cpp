#include "local/http/alarm.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daytona::local::http {
namespace asio = boost::asio;

alarm::alarm(asio::any_io_executor executor, std::function<void()> action)
    : executor_{std::move(executor)}, timers_{net::timers_of(executor_)}, action_{std::move(action)} {}

alarm::~alarm() { timers_.remove(*this); }

void alarm::set(std::chrono::nanoseconds from_now) {
  ++setting_;
  timers_.set(*this, timers_.now() + from_now, executor_);
}

void alarm::stop() {
  ++setting_;
  timers_.remove(*this);
}

void alarm::on_time() noexcept {
  asio::post(executor_, [weak = weak_from_this(), setting = setting_] {
    const auto self = weak.lock();
    if (self && self->setting_ == setting) self->action_();
  });
}

clock_wait::clock_wait(const asio::any_io_executor& executor)
    : sleeper_{executor, asio::steady_timer::time_point::max()},
      alarm_{std::make_shared<alarm>(executor, [this] { wake(); })} {}

asio::awaitable<void> clock_wait::wait(std::chrono::nanoseconds time) {
  woken_ = false;
  alarm_->set(time);
  boost::system::error_code error;
  co_await sleeper_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  alarm_->stop();
  if (error && !woken_) throw boost::system::system_error{error};
}

void clock_wait::wake() {
  woken_ = true;
  sleeper_.cancel();
}

asio::awaitable<void> pause(std::chrono::nanoseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  clock_wait sleep{executor};
  co_await sleep.wait(time);
}

}  // namespace daytona::local::http
