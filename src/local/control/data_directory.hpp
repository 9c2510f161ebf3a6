#pragma once

#include <filesystem>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// Where a backend keeps its state: made if missing, listed by its owner alone, and locked, so that two backends never share
/// one.
class data_directory {
 public:
  /// A fresh one below the system's temporary directory, removed at the end.
  static data_directory temporary();
  /// `path`, which stays. Throws `daytona::error` if it can't be made or is in use.
  static data_directory at(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  bool is_temporary() const { return temporary_; }
  /// Deletes a temporary one and all that is left in it.
  void remove() noexcept;

 private:
  data_directory(std::filesystem::path path, bool temporary);

  std::filesystem::path path_;
  bool temporary_;
  unique_fd lock_;
};

/// `$XDG_STATE_HOME/daytona-local`, else `~/.local/state/daytona-local`. Throws `daytona::error` if neither is known.
std::filesystem::path default_data_directory();

}  // namespace daytona::local
