#include "local/isolation/sealed_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

unique_fd sealed_program() {
  const unique_fd file{check(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "open the toolbox")};
  unique_fd copy{check(::memfd_create("daytona-toolbox", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create")};
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
