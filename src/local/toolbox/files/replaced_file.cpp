#include "local/toolbox/files/replaced_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "local/isolation/file_text.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/paths.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr int most_links = 40;  // as the kernel has it

/// Where the last part of `path` leads if it is a link. Throws `file_trouble`.
std::string follow_links(std::string path) {
  const std::string asked = path;
  for (int links = 0; links <= most_links; ++links) {
    std::array<char, PATH_MAX> target{};
    if (::readlink(path.c_str(), target.data(), target.size() - 1) < 0) return path;
    const std::string_view next = target.data();
    path = next.starts_with('/') ? std::string{next} : folder_above(path).append("/").append(next);
  }
  throw file_trouble{"open", asked, ELOOP};
}

mode_t umask_of_process() {
  const mode_t mask = ::umask(022);
  ::umask(mask);
  return mask;
}

std::string open_path(const unique_fd& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

}  // namespace

file_trouble::file_trouble(std::string_view what, std::string_view path, int error)
    : std::runtime_error{std::string{what} + " " + std::string{path} + ": " + reason_text(error)} {}

void replaced_file::fail(const char* what, int error) const { throw file_trouble{what, path_, error}; }

replaced_file::replaced_file(std::string path) : path_{std::move(path)}, target_{follow_links(path_)} {
  if (target_.ends_with('/')) fail("open", EISDIR);
  struct stat status{};
  exists_ = ::stat(target_.c_str(), &status) == 0;
  if (!exists_ && errno != ENOENT) fail("open", errno);
  if (exists_ && S_ISDIR(status.st_mode)) fail("open", EISDIR);
  if (exists_ && !S_ISREG(status.st_mode)) fail("open", EOPNOTSUPP);
  if (exists_ && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) fail("open", errno);
  mode_ = exists_ ? status.st_mode & 0777U : 0666U & ~umask_of_process();
  create();
}

replaced_file::~replaced_file() {
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

void replaced_file::create() {
  const std::string folder = folder_above(target_);
  file_ = unique_fd{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (!file_ && errno == EOPNOTSUPP) {
    beside_ = folder + "/.daytona-XXXXXX";
    file_ = unique_fd{::mkostemp(beside_.data(), O_CLOEXEC)};
    if (!file_) beside_.clear();
  }
  if (file_) return;
  const int error = errno;
  if (!exists_ || (error != EACCES && error != EROFS)) fail("open", error);
  is_beside_ = false;
  file_ = unique_fd{::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (!file_) fail("open", error);
}

void replaced_file::write(std::string_view bytes) {
  if (!write_all(file_, bytes)) fail("write", errno);
}

void replaced_file::commit() {
  if (is_beside_)
    put_in_place();
  else
    overwrite();
}

void replaced_file::put_in_place() {
  static unsigned last = 0;
  if (::fchmod(file_.get(), mode_) != 0) fail("chmod", errno);
  if (beside_.empty()) {
    const std::string name =
        folder_above(target_) + "/.daytona-" + std::to_string(::getpid()) + "-" + std::to_string(++last);
    if (::linkat(AT_FDCWD, open_path(file_).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0)
      fail("link", errno);
    beside_ = name;
  }
  if (::rename(beside_.c_str(), target_.c_str()) != 0) fail("rename", errno);
  beside_.clear();
}

void replaced_file::overwrite() {
  const unique_fd old{::open(target_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)};
  if (!old) fail("open", errno);
  ::off_t from = 0;
  for (;;) {
    const auto sent = ::sendfile(old.get(), file_.get(), &from, 0x7ffff000);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail("write", errno);
    if (sent == 0) return;
  }
}

}  // namespace daytona::local::toolbox
