#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <string>

#include "local/isolation/folder_removal.hpp"
#include "local/isolation/helper_messages.hpp"

namespace daytona::local {

/// Removals of sandboxes that were asked for. Each waits until its sandbox is gone; its folder then moves out of sight, which is when the removal is
/// answered, and is deleted in the background: by the next helper, should this one not come to it. On a disk that is full it is answered when deleted.
class removals {
 public:
  explicit removals(std::function<void(const helper_answer&)> send) : send_{std::move(send)} {}

  /// Folders move out of sight within it. Begins to delete what an earlier helper left there.
  void begin(std::filesystem::path data_directory);
  void add(std::uint64_t number, std::string id, std::filesystem::path directory);
  void start(const std::function<bool(const std::string& id)>& is_gone);
  bool owns(pid_t process) const;
  /// A child was reaped; false if it is none of these.
  bool take_end(pid_t process, int status);
  /// Waits for the deletions under way, at most so long, and reaps whatever else ends.
  void finish(std::chrono::milliseconds patience);

 private:
  struct removal {
    std::uint64_t number = 0;  ///< The request to answer; 0 = answered, or never asked for.
    std::string id;
    folder_removal work;
  };

  void start(removal& which);
  std::filesystem::path next_place();
  void answer(removal& which, const std::string& failure);

  std::function<void(const helper_answer&)> send_;
  std::filesystem::path data_directory_;
  std::list<removal> all_;
  unsigned moved_ = 0;
};

/// A folder of the data directory that nobody needs any more: out of the way at once, and deleted by `removals::begin`. Throws `setup_failure`.
void leave_for_removal(const std::filesystem::path& data_directory, const std::filesystem::path& folder);

}  // namespace daytona::local
