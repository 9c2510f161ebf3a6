#include "local/isolation/system_folders.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/mounts.hpp"
#include "local/isolation/setup_failure.hpp"
#include "local/isolation/unique_fd.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

// What lies in memory counts as such, and can't be all of it.
std::string memory_folder(const sandbox_plan& plan, const char* mode) {
  constexpr std::uint64_t without_limit = 1ULL << 30U;
  const auto size = (plan.memory_limit == 0 ? without_limit : plan.memory_limit) / 2;
  return std::string{"mode="} + mode + ",nr_inodes=65536,size=" + std::to_string(size);
}

// Device nodes come from the machine: a user namespace can't make them.
void make_dev(const fs::path& dev, const sandbox_plan& plan) {
  mount_or_fail("tmpfs", dev, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k", "/dev");
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"}) {
    const unique_fd made{
        check(::open((dev / name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666), std::string{"make /dev/"} + name)};
    bind(fs::path{"/dev"} / name, dev / name);
  }
  for (const char* name : {"pts", "shm"}) check(::mkdir((dev / name).c_str(), 0755), std::string{"mkdir /dev/"} + name);
  const bool has_tty_group = plan.ids.mode == isolation_mode::shifted;
  mount_or_fail("devpts", dev / "pts", "devpts", MS_NOSUID | MS_NOEXEC,
                std::string{"newinstance,ptmxmode=0666,mode=620"} + (has_tty_group ? ",gid=5" : ""), "/dev/pts");
  mount_or_fail("tmpfs", dev / "shm", "tmpfs", MS_NOSUID | MS_NODEV, memory_folder(plan, "1777"), "/dev/shm");
  const std::pair<const char*, const char*> links[] = {{"pts/ptmx", "ptmx"},
                                                       {"/proc/self/fd", "fd"},
                                                       {"/proc/self/fd/0", "stdin"},
                                                       {"/proc/self/fd/1", "stdout"},
                                                       {"/proc/self/fd/2", "stderr"}};
  for (const auto& [to, name] : links) check(::symlink(to, (dev / name).c_str()), std::string{"link /dev/"} + name);
}

// Behind the user namespace's own refusals: what the machine shows of itself is read-only or not there. A kernel that lacks some of it is no weaker.
void make_proc_and_sys() {
  mount_or_fail("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "", "/proc");
  // No user namespaces inside: they are the way to most of the kernel's flaws.
  std::ofstream{"proc/sys/user/max_user_namespaces"} << "0\n";
  // Some machines forbid a sysfs; programs live without.
  ::mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "");
  for (const char* path : read_only_paths()) {
    if (!fs::exists(path)) continue;
    bind(path, path);
    set_attributes(path, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  }
  for (const char* path : hidden_paths()) {
    if (fs::is_directory(path))
      mount_or_fail("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0", path);
    else if (fs::exists(path))
      bind("/dev/null", path);
  }
}

}  // namespace

void make_system_folders(const sandbox_plan& plan) {
  make_dev("dev", plan);
  make_proc_and_sys();
  mount_or_fail("tmpfs", "run", "tmpfs", MS_NOSUID | MS_NODEV, memory_folder(plan, "755"), "/run");
  check(::mkdir("run/lock", 01777), "mkdir /run/lock");
  check(::chmod("run/lock", 01777), "chmod /run/lock");
}

}  // namespace daytona::local
