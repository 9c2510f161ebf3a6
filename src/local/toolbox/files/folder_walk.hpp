#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace daytona::local::toolbox {

/// The names in the folder at `path`, in order, and of each whether it is a folder itself (no link to one). `errno` if it can't be read, else 0.
struct folder_entry {
  std::string name;
  bool is_folder = false;
};
int read_folder(const std::string& path, std::vector<folder_entry>& entries);

/// Goes through a place and all below it in lexical order, a folder before what is in it. Links are not followed, and what can't be read is passed over.
class folder_walk {
 public:
  struct place {
    std::string path;
    bool is_folder = false;
  };

  /// Down to `depth` levels of names below `root`. One that is a link is followed if a slash is behind it.
  explicit folder_walk(std::string root, std::size_t depth = std::numeric_limits<std::size_t>::max());

  /// Absent at the end.
  std::optional<place> next();
  /// Why the root can't be looked at, or into, as an `errno`; 0 if it can. Known after the first `next()`.
  int root_error() const { return root_error_; }

 private:
  struct level {
    std::string path;
    std::vector<folder_entry> entries;
    std::size_t next = 0;
  };
  int enter(const std::string& path);

  std::optional<std::string> root_;
  std::size_t depth_;
  int root_error_ = 0;
  std::vector<level> levels_;
};

}  // namespace daytona::local::toolbox
