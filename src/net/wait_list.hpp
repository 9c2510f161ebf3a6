#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "net/operation.hpp"

namespace daytona::net {

/// Coroutines that wait for something shared to change, each on an executor of its own. `mutex` guards what changes, and the list.
class wait_list {
 public:
  explicit wait_list(std::mutex& mutex) : mutex_(mutex) {}
  wait_list(const wait_list&) = delete;
  wait_list& operator=(const wait_list&) = delete;

  class place;
  /// Wakes all that wait now. With the mutex held.
  void wake_all() noexcept;

 private:
  struct waiter {
    explicit waiter(const asio::any_io_executor& own) : executor(own), bell(own) {}
    asio::any_io_executor executor;
    wake_up bell;  // touched on `executor` alone
  };

  std::mutex& mutex_;
  std::vector<std::shared_ptr<waiter>> waiters_;
};

/// One that waits. Made with the mutex held, so that no change is missed; waits and dies without it.
class wait_list::place {
 public:
  place(wait_list& list, const operation& op);
  ~place();
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  /// Until it is woken; or `ec`, if `op` was stopped.
  awaitable<void> wait(operation& op, error_code& ec) { return waiter_->bell.wait(op, ec); }

 private:
  wait_list& list_;
  std::shared_ptr<waiter> waiter_;
};

}  // namespace daytona::net
