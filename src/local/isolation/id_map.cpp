#include "local/isolation/id_map.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "local/isolation/id_range.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

void write_file(const std::string& path, const std::string& text) {
  const unique_fd file{check(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open " + path)};
  check(::write(file.get(), text.data(), text.size()), "write " + path);
}

}  // namespace

void write_id_map(pid_t child, const id_map& ids) {
  const std::string map = "0 " + std::to_string(ids.first) + " " + std::to_string(ids_per_sandbox) + "\n";
  const std::string process = "/proc/" + std::to_string(child);
  write_file(process + "/uid_map", map);
  write_file(process + "/gid_map", map);
}

void write_own_id_map(uid_t uid, gid_t gid) {
  const std::string inside = std::to_string(sandbox_uid) + " ";
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", inside + std::to_string(uid) + " 1\n");
  write_file("/proc/self/gid_map", inside + std::to_string(gid) + " 1\n");
}

unique_fd make_id_namespace(const id_map& ids) {
  const auto child =
      static_cast<pid_t>(check(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), "make a user namespace"));
  if (child == 0) {
    for (;;) ::pause();
  }
  const auto end_child = [child] {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  };
  try {
    write_id_map(child, ids);
    const std::string path = "/proc/" + std::to_string(child) + "/ns/user";
    unique_fd opened{check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path)};
    end_child();
    return opened;
  } catch (...) {
    end_child();
    throw;
  }
}

}  // namespace daytona::local
