#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/types.h>

#include <functional>
#include <unordered_map>

namespace daytona::local::toolbox {

/// Reaps every child of this process, adopted orphans too, and tells those who started one how it ended.
class child_watcher {
 public:
  explicit child_watcher(boost::asio::any_io_executor executor);

  /// Calls `ended` with the wait status, later, on the executor. To be called right after the start, before the executor runs on.
  void watch(pid_t child, std::function<void(int status)> ended);
  /// Calls `started` after each start.
  void when_started(std::function<void()> started) { started_ = std::move(started); }
  /// Calls `done` once, when no child is left; at once if there is none now.
  void when_childless(std::function<void()> done);

 private:
  void wait();
  void reap();

  boost::asio::signal_set signals_;
  std::unordered_map<pid_t, std::function<void(int)>> watched_;
  std::function<void()> started_ = [] {};
  std::function<void()> childless_;
};

}  // namespace daytona::local::toolbox
