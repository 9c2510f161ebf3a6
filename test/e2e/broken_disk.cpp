// Preloaded into a program: what it writes to files fails with the errno that the file DAYTONA_TEST_DISK says, while that is not 0.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

int failure() {
  const char* const name = std::getenv("DAYTONA_TEST_DISK");
  const int file = name == nullptr ? -1 : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC));
  if (file < 0) return 0;
  char text[16] = {};
  [[maybe_unused]] const auto size = ::read(file, text, sizeof text - 1);
  ::close(file);
  return std::atoi(text);
}

bool breaks(int fd) {
  struct stat what{};
  if (::fstat(fd, &what) != 0 || !S_ISREG(what.st_mode)) return false;
  const int error = failure();
  if (error != 0) errno = error;
  return error != 0;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  return breaks(fd) ? -1 : ::syscall(SYS_write, fd, bytes, size);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return breaks(fd) ? -1 : ::syscall(SYS_pwrite64, fd, bytes, size, at);
}
int ftruncate64(int fd, off64_t size) noexcept {
  return breaks(fd) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}
}
