#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

/// Whether nothing has run since the last look: then neither is there a new process, nor has one more memory. Asking is far cheaper than looking, but
/// only worth while, and only possible, for few processes of one thread each.
class processes_at_rest {
 public:
  /// To be told what a look has found, after each.
  void remember(const std::vector<pid_t>& found);
  /// Forgets it: somebody else has started a process.
  void forget();
  /// True if all that runs were found by the two looks before, and have done nothing since the first.
  bool still_rest();

 private:
  struct known_process {
    pid_t process;
    unique_fd times;     ///< Its /proc/PID/schedstat: how long, and how often, it has run.
    std::string before;  ///< What stood there.
  };
  static std::string read_times(const known_process& known);
  bool nothing_has_run() const;
  bool are_the_same(const std::vector<pid_t>& found) const;

  std::vector<known_process> known_;
  bool seen_twice_ = false;
};

}  // namespace daytona::local::toolbox
