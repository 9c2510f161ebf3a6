#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// Deletes a folder in a child: one with a million files must not hold up the helper, and some disks take milliseconds for each folder.
class folder_removal {
 public:
  explicit folder_removal(std::filesystem::path directory) : directory_{std::move(directory)} {}

  /// Gives the folder another name, so that nobody finds it any more. False if that can't be, and when it does not exist.
  bool move_to(const std::filesystem::path& place);
  /// Throws `setup_failure`.
  void start();
  bool started() const { return process_ > 0; }
  bool owns(pid_t process) const { return process == process_; }
  /// What went wrong, once the child was reaped with `status`; empty = nothing.
  std::string failure(int status) const;

 private:
  std::filesystem::path directory_;
  pid_t process_ = -1;
  unique_fd report_;
};

}  // namespace daytona::local
