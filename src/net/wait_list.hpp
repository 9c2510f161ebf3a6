#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "net/operation.hpp"

namespace daytona::net {

/// One coroutine that waits, on an executor of its own, to be woken by others that may run elsewhere.
class waiter : public std::enable_shared_from_this<waiter> {
 public:
  explicit waiter(const operation& op) : executor_(op.executor()), bell_(executor_) {}

  /// Until it is woken, before or after; or `ec`, if `op` was stopped.
  awaitable<void> wait(operation& op, error_code& ec) { return bell_.wait(op, ec); }
  /// Any thread, as long as the context of the one that waits lives: under a lock that it needs to leave.
  void wake();

 private:
  asio::any_io_executor executor_;
  wake_up bell_;  // touched on `executor_` alone
};

/// Coroutines that wait for something shared to change. `mutex` guards what changes, and the list.
class wait_list {
 public:
  explicit wait_list(std::mutex& mutex) : mutex_(mutex) {}
  wait_list(const wait_list&) = delete;
  wait_list& operator=(const wait_list&) = delete;

  class place;
  /// Wakes all that wait now. With the mutex held.
  void wake_all() noexcept;

 private:
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
  awaitable<void> wait(operation& op, error_code& ec) { return waiter_->wait(op, ec); }

 private:
  wait_list& list_;
  std::shared_ptr<waiter> waiter_;
};

}  // namespace daytona::net
