#include "net/turnstile.hpp"

namespace daytona::net {

turnstile::place::place(turnstile& gate, operation& op) : gate_(gate), self_(std::make_shared<waiter>(op)) {
  const std::lock_guard lock{gate_.mutex_};
  gate_.line_.push_back(self_);
}

turnstile::place::~place() {
  const std::lock_guard lock{gate_.mutex_};
  auto& line = gate_.line_;
  const bool was_through = line.front() == self_;
  std::erase(line, self_);
  if (!was_through || line.empty()) return;
  line.front()->wake();  // with the lock held: whoever is in line has not left it, so that its context lives
}

awaitable<void> turnstile::place::wait(operation& op, error_code& ec) {
  {
    const std::lock_guard lock{gate_.mutex_};
    ec.clear();
    if (gate_.line_.front() == self_) co_return;
  }
  co_await self_->wait(op, ec);
}

}  // namespace daytona::net
