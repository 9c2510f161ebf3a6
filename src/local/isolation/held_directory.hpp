#pragma once

#include <filesystem>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// The data directory in the hands of the host-helper, which outlives the server that was killed, and every sandbox.
class held_directory {
 public:
  held_directory();

  /// Another server can't have the directory before this process has ended.
  void hold(unique_fd lock) { lock_ = std::move(lock); }
  void delete_at_end(std::filesystem::path path) { temporary_ = std::move(path); }
  bool is_temporary() const { return !temporary_.empty(); }
  /// To be called when no sandbox is left.
  void end();

 private:
  unique_fd machine_mounts_;
  unique_fd lock_;
  std::filesystem::path temporary_;
};

}  // namespace daytona::local
