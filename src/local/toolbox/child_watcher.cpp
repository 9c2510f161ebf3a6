#include "local/toolbox/child_watcher.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <utility>

namespace daytona::local::toolbox {

child_watcher::child_watcher(boost::asio::any_io_executor executor) : signals_{executor, SIGCHLD} { wait(); }

void child_watcher::watch(pid_t child, std::function<void(int status)> ended) {
  watched_[child] = std::move(ended);
  started_();
}

void child_watcher::when_childless(std::function<void()> done) {
  childless_ = std::move(done);
  reap();
}

void child_watcher::wait() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    reap();
    wait();
  });
}

void child_watcher::reap() {
  int status = 0;
  pid_t child = 0;
  while ((child = ::waitpid(-1, &status, WNOHANG)) > 0) {
    const auto found = watched_.find(child);
    if (found == watched_.end()) continue;
    const auto ended = std::move(found->second);
    watched_.erase(found);
    ended(status);
  }
  if (child < 0 && childless_) std::exchange(childless_, nullptr)();
}

}  // namespace daytona::local::toolbox
