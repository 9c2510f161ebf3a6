#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "net/wait_list.hpp"

namespace daytona::net {

/// Lets one coroutine through at a time, first come, first served, so that what one of them finds out serves the others. They may run in several
/// contexts. Outlives its places. Any thread.
class turnstile {
 public:
  turnstile() = default;
  turnstile(const turnstile&) = delete;
  turnstile& operator=(const turnstile&) = delete;

  class place;

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<waiter>> line_;  // whose first one is through
};

/// In line from its making to its end; with its end, wherever it stands, the next one moves up.
class turnstile::place {
 public:
  place(turnstile& gate, operation& op);
  ~place();
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  /// Until it is through, or `ec` says that `op` was stopped.
  awaitable<void> wait(operation& op, error_code& ec);

 private:
  turnstile& gate_;
  std::shared_ptr<waiter> self_;
};

}  // namespace daytona::net
