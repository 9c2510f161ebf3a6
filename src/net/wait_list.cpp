#include "net/wait_list.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace daytona::net {

void waiter::wake() {
  asio::post(executor_, [self = shared_from_this()] { self->bell_.notify(); });
}

void wait_list::wake_all() noexcept {
  for (const auto& woken : std::exchange(waiters_, {})) woken->wake();
}

wait_list::place::place(wait_list& list, const operation& op) : list_(list), waiter_(std::make_shared<waiter>(op)) {
  list_.waiters_.push_back(waiter_);
}

wait_list::place::~place() {
  const std::lock_guard lock{list_.mutex_};
  std::erase(list_.waiters_, waiter_);
}

}  // namespace daytona::net
