#include "local/isolation/sealed_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

int make_executable_memory() {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  // Where the machine's setting makes such files not executable, it has to be asked for; kernels before 6.3 don't know the question.
  constexpr unsigned executable = 0x10;  // MFD_EXEC
  const int made = ::memfd_create("daytona-toolbox", flags | executable);
  return made < 0 && errno == EINVAL ? ::memfd_create("daytona-toolbox", flags) : made;
}

}  // namespace

unique_fd sealed_program() {
  const unique_fd file{check(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "open the toolbox")};
  unique_fd copy{check(make_executable_memory(), "memfd_create")};
  struct stat status{};
  check(::fstat(file.get(), &status), "stat the toolbox");
  for (off_t left = status.st_size; left > 0;) {
    const ssize_t moved =
        check(::sendfile(copy.get(), file.get(), nullptr, static_cast<std::size_t>(left)), "copy the toolbox");
    if (moved == 0) throw setup_failure("copy the toolbox", EIO);
    left -= moved;
  }
  check(::fchmod(copy.get(), 0555), "chmod the toolbox");
  check(::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), "seal the toolbox");
  return copy;
}

}  // namespace daytona::local
