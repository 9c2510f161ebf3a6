#pragma once

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// Where a backend keeps its state: made if missing, listed by its owner alone, and locked, so that two backends never share
/// one.
class data_directory {
 public:
  /// A fresh one below the system's temporary directory, removed at the end.
  static data_directory temporary();
  /// `path`, which stays. What a killed backend left running there is waited for, a few seconds at most. Throws
  /// `daytona::error` if it can't be made or is in use.
  static boost::asio::awaitable<data_directory> at(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  bool is_temporary() const { return temporary_; }
  /// Locked: who else holds it keeps the directory from the next backend.
  int lock_descriptor() const { return lock_.get(); }
  /// What still runs there is ending: the next backend waits for that, and is not told that this process uses it.
  void disown() noexcept;
  /// Deletes a temporary one and all that is left in it; unlocks.
  void release() noexcept;
  /// The same for a backend that did not come up: what was not there before it is deleted, folders above the directory too.
  void withdraw() noexcept;

 private:
  data_directory(std::filesystem::path path, bool temporary, unique_fd lock)
      : path_{std::move(path)}, temporary_{temporary}, lock_{std::move(lock)} {}

  std::filesystem::path path_;
  bool temporary_;
  unique_fd lock_;
  bool was_empty_ = false;                   // but for the lock
  std::vector<std::filesystem::path> made_;  // the directory and those above it, the innermost first
};

/// `$XDG_STATE_HOME/daytona-local`, else `~/.local/state/daytona-local`. Throws `daytona::error` if neither is known.
std::filesystem::path default_data_directory();

}  // namespace daytona::local
