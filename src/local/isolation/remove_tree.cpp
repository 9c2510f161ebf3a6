#include "local/isolation/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "local/isolation/setup_failure.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

namespace {

using directory_stream = std::unique_ptr<DIR, int (*)(DIR*)>;

// Deeper than this, a folder is moved to the top and deleted from there: whoever made the tree may have made it deeper than a process can open folders.
constexpr int deepest = 64;

directory_stream open_directory(int parent, const char* name) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = ::openat(parent, name, flags);
  if (fd < 0 && errno == EACCES && ::fchmodat(parent, name, 0700, 0) == 0) fd = ::openat(parent, name, flags);
  check(fd, std::string{"open "} + name);
  return {::fdopendir(fd), &::closedir};
}

/// Empties one folder.
class removal {
 public:
  removal(int parent, const char* name, dev_t device, std::size_t most)
      : top_{open_directory(parent, name)}, device_{device}, left_{most} {
    make_usable(::dirfd(top_.get()), name);
  }

  /// Whether it is empty: not if there were more files in it than may be removed.
  bool run() {
    do {
      moved_ = false;
      ::rewinddir(top_.get());
      empty(top_.get(), 0);
    } while (moved_ && left_ > 0);
    return left_ > 0;
  }

 private:
  void make_usable(int fd, const char* name) const {
    struct stat status{};
    check(::fstat(fd, &status), std::string{"stat "} + name);
    if (status.st_dev != device_) throw setup_failure(std::string{"remove "} + name + " (another file system)", EBUSY);
    if ((status.st_mode & 0300) != 0300) ::fchmod(fd, 0700);
  }

  void empty(DIR* directory, int depth) {
    while (const dirent* entry = left_ > 0 ? ::readdir(directory) : nullptr) {
      const std::string_view child = entry->d_name;
      if (child != "." && child != "..") remove_entry(::dirfd(directory), entry->d_name, depth);
    }
  }

  void remove_entry(int parent, const char* name, int depth) {
    if (::unlinkat(parent, name, 0) == 0)
      --left_;
    else if (errno != ENOENT)
      remove_folder(parent, name, depth);
  }

  /// Or tells why what is no folder can't be removed.
  void remove_folder(int parent, const char* name, int depth) {
    if (errno != EISDIR && errno != EPERM) throw setup_failure(std::string{"remove "} + name);
    if (depth == deepest) return move_to_top(parent, name);
    {
      const auto directory = open_directory(parent, name);
      make_usable(::dirfd(directory.get()), name);
      empty(directory.get(), depth + 1);
    }
    if (left_ == 0) return;
    if (::unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
      throw setup_failure(std::string{"remove "} + name);
    --left_;
  }

  void move_to_top(int parent, const char* name) {
    // To move a folder, its own entry for the one above is rewritten.
    if (struct stat status{};
        ::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && (status.st_mode & 0300) != 0300)
      ::fchmodat(parent, name, 0700, 0);
    std::string target;
    do {
      target = ".deep-" + std::to_string(++last_);
    } while (::faccessat(::dirfd(top_.get()), target.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    check(::renameat(parent, name, ::dirfd(top_.get()), target.c_str()), std::string{"move "} + name);
    moved_ = true;
  }

  directory_stream top_;
  dev_t device_;
  std::size_t left_;
  unsigned last_ = 0;
  bool moved_ = false;
};

}  // namespace

void remove_tree(const std::filesystem::path& path) { remove_some(path, std::numeric_limits<std::size_t>::max()); }

bool remove_some(const std::filesystem::path& path, std::size_t most) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return true;
    throw setup_failure("stat " + path.string());
  }
  if (!S_ISDIR(status.st_mode)) {
    check(::unlink(path.c_str()), "remove " + path.string());
    return true;
  }
  removal contents{AT_FDCWD, path.c_str(), status.st_dev, most};
  if (!contents.run()) return false;
  check(::rmdir(path.c_str()), "remove " + path.string());
  return true;
}

}  // namespace daytona::local
