#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

/// What /proc tells of processes, also when no more descriptors can be had: one is kept for that.
class process_files {
 public:
  process_files();
  /// One for all who look. To be called first when there are descriptors.
  static process_files& shared();

  /// The numbers of all processes; false if they can't be had.
  bool list(std::vector<pid_t>& processes);
  /// What the file `name` of a process holds; empty if that has ended, or keeps it to itself. False if it can't be opened for want of a descriptor or memory.
  bool read(pid_t process, const char* name, std::string& text);

 private:
  unique_fd open(const std::string& path) const;

  std::unique_ptr<DIR, int (*)(DIR*)> folder_;
  unique_fd kept_;
};

}  // namespace daytona::local::toolbox
