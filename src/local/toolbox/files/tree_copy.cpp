#include "local/toolbox/files/tree_copy.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "local/isolation/file_text.hpp"
#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/folder_walk.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t copied_at_once = 256 * 1024;
constexpr std::size_t steps_a_copied_piece = 32;

struct stat status_of(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) throw_not_done("lstat", path, errno);
  return status;
}

void keep_times(const std::string& path, const struct stat& status) {
  const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
  ::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
}

void copy_link(const std::string& source, const std::string& destination) {
  std::array<char, PATH_MAX> target{};
  if (::readlink(source.c_str(), target.data(), target.size() - 1) < 0) throw_not_done("readlink", source, errno);
  if (::symlink(target.data(), destination.c_str()) != 0) throw_not_done("symlink", destination, errno);
}

asio::awaitable<void> copy_content(std::string source, std::string destination, mode_t mode, turns& others) {
  const unique_fd from{::open(source.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!from) throw_not_done("open", source, errno);
  const unique_fd to{::open(destination.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!to) throw_not_done("open", destination, errno);
  std::vector<char> piece(copied_at_once);
  for (;;) {
    const auto size = ::read(from.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw_not_done("read", source, errno);
    if (size == 0) break;
    if (!write_all(to, {piece.data(), static_cast<std::size_t>(size)})) throw_not_done("write", destination, errno);
    if (others.is_over(steps_a_copied_piece)) co_await others.end_turn();
  }
  ::fchmod(to.get(), mode & 07777U);
}

asio::awaitable<void> copy_one(std::string source, std::string destination, const struct stat& status, turns& others) {
  if (S_ISREG(status.st_mode)) {
    co_await copy_content(source, destination, status.st_mode, others);
  } else if (S_ISLNK(status.st_mode)) {
    copy_link(source, destination);
  } else if (S_ISDIR(status.st_mode)) {
    if (::mkdir(destination.c_str(), 0700) != 0) throw_not_done("mkdir", destination, errno);
    co_return;  // its mode and times come once it is full
  } else if (S_ISFIFO(status.st_mode)) {
    if (::mkfifo(destination.c_str(), status.st_mode & 0777U) != 0) throw_not_done("mkfifo", destination, errno);
  } else {
    throw_not_done("copy", source, EOPNOTSUPP);
  }
  keep_times(destination, status);
}

}  // namespace

asio::awaitable<void> copy_tree(std::string source, std::string destination, turns& others) {
  struct folder {
    std::string path;
    struct stat status;
  };
  std::vector<folder> folders;
  folder_walk walk{source};
  while (const auto place = walk.next()) {
    const std::string target = destination + place->path.substr(source.size());
    const struct stat status = status_of(place->path);
    co_await copy_one(place->path, target, status, others);
    if (S_ISDIR(status.st_mode)) folders.push_back({target, status});
    if (others.is_over()) co_await others.end_turn();
  }
  for (auto each = folders.rbegin(); each != folders.rend(); ++each) {
    ::chmod(each->path.c_str(), each->status.st_mode & 07777U);
    keep_times(each->path, each->status);
  }
}

}  // namespace daytona::local::toolbox
