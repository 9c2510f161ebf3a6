#pragma once

#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "local/toolbox/memory_use.hpp"
#include "local/toolbox/processes_at_rest.hpp"

namespace daytona::local::toolbox {

/// Keeps the memory of all processes of the sandbox together within a limit where no cgroup does: looks, from time to time, and ends the largest
/// process while it is exceeded. Costs nothing while there is no process, and little while all of them rest.
class memory_watch {
 public:
  /// `limit` in bytes; 0 = none, and nothing is ever looked at.
  memory_watch(const boost::asio::any_io_executor& executor, std::uint64_t limit);

  /// To be called when a process was started: looking begins.
  void wake();

  /// How many processes were ended so far, and what was said of the last.
  std::uint64_t ended() const { return ended_; }
  const std::string& last_end() const { return last_end_; }

 private:
  void look_after(std::chrono::steady_clock::duration pause);
  void look();
  void remember(const memory_use& use);
  void end(const process_memory& which);
  bool still_ending() const;

  boost::asio::steady_timer timer_;
  std::uint64_t limit_;
  processes_at_rest rest_;
  std::chrono::steady_clock::duration last_pause_{};
  bool looking_ = false;
  pid_t ending_ = 0;
  std::uint64_t ended_ = 0;
  std::string last_end_;
};

}  // namespace daytona::local::toolbox
