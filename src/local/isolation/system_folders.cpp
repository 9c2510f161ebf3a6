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

namespace daytona::local {

namespace {

// What lies in memory counts as such, and can't be all of it.
std::string memory_folder(const sandbox_plan& plan, const char* mode) {
  constexpr std::uint64_t without_limit = 1ULL << 30U;
  const auto size = (plan.memory_limit == 0 ? without_limit : plan.memory_limit) / 2;
  return std::string{"mode="} + mode + ",nr_inodes=65536,size=" + std::to_string(size);
}

constexpr std::uint64_t nothing_to_run = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

void mount_inside(int root, const char* type, const char* path, unsigned long flags, const std::string& data) {
  mount_or_fail(type, open_inside(root, path), type, flags, data, std::string{"/"} + path);
}

// Device nodes come from the machine: a user namespace can't make them.
void make_device(const std::string& name) {
  const std::string path = "dev/" + name;
  const unique_fd made{check(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666), "make /" + path)};
  attach(view_of(open_machine("/" + path), 0, "/" + path), made, "/" + path);
}

void make_dev(int root, const sandbox_plan& plan) {
  mount_inside(root, "tmpfs", "dev", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k");
  // From here on below a folder that is ours alone.
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"}) make_device(name);
  for (const char* name : {"dev/pts", "dev/shm"}) check(::mkdir(name, 0755), std::string{"mkdir /"} + name);
  const bool has_tty_group = plan.ids.mode == isolation_mode::shifted;
  mount_inside(root, "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC,
               std::string{"newinstance,ptmxmode=0666,mode=620"} + (has_tty_group ? ",gid=5" : ""));
  mount_inside(root, "tmpfs", "dev/shm", MS_NOSUID | MS_NODEV, memory_folder(plan, "1777"));
  const std::pair<const char*, const char*> links[] = {{"pts/ptmx", "dev/ptmx"},
                                                       {"/proc/self/fd", "dev/fd"},
                                                       {"/proc/self/fd/0", "dev/stdin"},
                                                       {"/proc/self/fd/1", "dev/stdout"},
                                                       {"/proc/self/fd/2", "dev/stderr"}};
  for (const auto& [to, path] : links) check(::symlink(to, path), std::string{"link /"} + path);
}

void hide(const unique_fd& place, const std::string& path) {
  struct stat status{};
  check(::fstat(place.get(), &status), "stat /" + path);
  if (S_ISDIR(status.st_mode))
    mount_or_fail("tmpfs", place, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0", "/" + path);
  else
    attach(view_of(open_machine("/dev/null"), 0, "/dev/null"), place, "/" + path);
}

// Behind the user namespace's own refusals: what the machine shows of itself is read-only or not there. A kernel that lacks some of it is no weaker.
void make_proc_and_sys(int root) {
  mount_inside(root, "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  // No user namespaces inside: they are the way to most of the kernel's flaws.
  std::ofstream{"proc/sys/user/max_user_namespaces"} << "0\n";
  // Some machines forbid a sysfs; programs live without.
  const auto sys = open_inside(root, "sys");
  ::mount("sysfs", path_to(sys).c_str(), "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "");
  for (const std::string path : read_only_paths())
    if (const auto place = find_inside(root, path))
      attach(view_of(place, MOUNT_ATTR_RDONLY | nothing_to_run, "/" + path), place, "/" + path);
  for (const std::string path : hidden_paths())
    if (const auto place = find_inside(root, path)) hide(place, path);
}

}  // namespace

void make_system_folders(int root, const sandbox_plan& plan) {
  make_dev(root, plan);
  make_proc_and_sys(root);
  mount_inside(root, "tmpfs", "run", MS_NOSUID | MS_NODEV, memory_folder(plan, "755"));
  check(::mkdir("run/lock", 01777), "mkdir /run/lock");
  check(::chmod("run/lock", 01777), "chmod /run/lock");
}

}  // namespace daytona::local
