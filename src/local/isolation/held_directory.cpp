#include "local/isolation/held_directory.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

held_directory::held_directory() : machine_mounts_{::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC)} {}

void held_directory::end() {
  if (temporary_.empty()) return;
  // Where we are, the machine's own folders may be mounted below it.
  if (::geteuid() == 0 && ::setns(machine_mounts_.get(), CLONE_NEWNS) != 0) return;
  try {
    remove_tree(temporary_);
  } catch (const setup_failure&) {
    // nobody is left to tell
  }
}

}  // namespace daytona::local
