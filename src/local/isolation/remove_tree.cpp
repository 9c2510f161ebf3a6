#include "local/isolation/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "local/isolation/setup_failure.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

namespace {

using directory_stream = std::unique_ptr<DIR, int (*)(DIR*)>;

directory_stream open_directory(int parent, const char* name) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = ::openat(parent, name, flags);
  if (fd < 0 && errno == EACCES && ::fchmodat(parent, name, 0700, 0) == 0) fd = ::openat(parent, name, flags);
  check(fd, std::string{"open "} + name);
  return {::fdopendir(fd), &::closedir};
}

void remove_entry(int parent, const char* name, dev_t device);

void empty_directory(int parent, const char* name, dev_t device) {
  const auto directory = open_directory(parent, name);
  const int fd = ::dirfd(directory.get());
  struct stat status{};
  check(::fstat(fd, &status), std::string{"stat "} + name);
  if (status.st_dev != device) throw setup_failure(std::string{"remove "} + name + " (another file system)", EBUSY);
  if ((status.st_mode & 0300) != 0300) ::fchmod(fd, 0700);

  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view child = entry->d_name;
    if (child != "." && child != "..") remove_entry(fd, entry->d_name, device);
  }
}

void remove_entry(int parent, const char* name, dev_t device) {
  if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && errno != EPERM) throw setup_failure(std::string{"remove "} + name);
  empty_directory(parent, name, device);
  if (::unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
    throw setup_failure(std::string{"remove "} + name);
}

}  // namespace

void remove_tree(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return;
    throw setup_failure("stat " + path.string());
  }
  remove_entry(AT_FDCWD, path.c_str(), status.st_dev);
}

}  // namespace daytona::local
