#include "net/wait_list.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace daytona::net {

void wait_list::wake_all() noexcept {
  for (auto& woken : std::exchange(waiters_, {})) {
    const auto executor = woken->executor;
    asio::post(executor, [waiting = std::move(woken)] { waiting->bell.notify(); });
  }
}

wait_list::place::place(wait_list& list, const operation& op)
    : list_(list), waiter_(std::make_shared<waiter>(op.executor())) {
  list_.waiters_.push_back(waiter_);
}

wait_list::place::~place() {
  const std::lock_guard lock{list_.mutex_};
  std::erase(list_.waiters_, waiter_);
}

}  // namespace daytona::net
