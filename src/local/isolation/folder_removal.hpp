#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// Deletes a folder in a child: one with a million files must not hold up the helper.
class folder_removal {
 public:
  explicit folder_removal(std::filesystem::path directory) : directory_{std::move(directory)} {}

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
