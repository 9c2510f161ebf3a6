#include "local/isolation/root_file_system.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "local/isolation/base_files.hpp"
#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/id_map.hpp"
#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"
#include "local/isolation/unique_fd.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

// The folders of the machine that a sandbox sees; of /var only what apt and dpkg know of the machine's packages.
constexpr std::array machine_folders = {"usr", "opt", "var/lib/dpkg", "var/lib/apt"};

bool exists_on_machine(const char* folder) { return fs::is_directory(fs::path{"/"} / folder); }

std::string layer_name(std::string folder) {
  for (char& letter : folder)
    if (letter == '/') letter = '-';
  return folder;
}

/// A path as an overlay's options want it.
std::string option_path(const fs::path& path) {
  std::string escaped;
  for (const char letter : path.string()) {
    if (letter == ':' || letter == ',' || letter == '\\') escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

void mount_or_fail(const char* source, const fs::path& target, const char* type, unsigned long flags,
                   const std::string& data, const std::string& what) {
  check(::mount(source, target.c_str(), type, flags, data.c_str()), "mount " + what);
}

void bind(const fs::path& source, const fs::path& target) {
  mount_or_fail(source.c_str(), target, nullptr, MS_BIND, "", source.string());
}

void set_attributes(const fs::path& target, std::uint64_t attributes) {
  mount_attr request{};
  request.attr_set = attributes;
  check(::syscall(SYS_mount_setattr, AT_FDCWD, target.c_str(), 0, &request, sizeof request),
        "restrict " + target.string());
}

void mount_overlay(const sandbox_plan& plan, const fs::path& target, const std::string& name, const std::string& lowers,
                   bool writable) {
  const auto work = plan.directory / "work" / name;
  std::string options = "lowerdir=" + lowers;
  // Without `volatile` each end of a sandbox would wait until all that the machine has still to write to this disk is
  // written. The mark that it leaves in its work folder forbids a second mount, as if the machine had crashed since.
  if (writable) {
    remove_tree(work / "work");
    options += ",volatile,upperdir=" + option_path(plan.directory / "upper" / name) + ",workdir=" + option_path(work);
  }
  if (plan.ids.mode == isolation_mode::userns) options += ",userxattr";
  mount_or_fail("overlay", target, "overlay", MS_NODEV, options, "/" + name + " (overlay)");
  // An overlay whose work folder it can't use comes up read-only and says so in the kernel's log only.
  if (writable) check(::access(target.c_str(), W_OK), "write to the overlay of /" + name);
}

void own(const fs::path& path, std::uint32_t id, mode_t mode, const sandbox_plan& plan) {
  check(::lchown(path.c_str(), plan.ids.outside(id, ::geteuid()), plan.ids.outside(id, ::getegid())),
        "chown " + path.string());
  check(::chmod(path.c_str(), mode), "chmod " + path.string());
}

void make_folder(const fs::path& path, std::uint32_t id, mode_t mode, const sandbox_plan& plan) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) throw setup_failure("mkdir " + path.string());
  own(path, id, mode, plan);
}

void make_link(const fs::path& to, const fs::path& path, const sandbox_plan& plan) {
  check(::symlink(to.c_str(), path.c_str()), "link " + path.string());
  check(::lchown(path.c_str(), plan.ids.outside(0, ::geteuid()), plan.ids.outside(0, ::getegid())),
        "chown " + path.string());
}

void make_home(const fs::path& root, const sandbox_plan& plan) {
  const fs::path home = root / "home/daytona";
  make_folder(root / "home", 0, 0755, plan);
  make_folder(home, sandbox_uid, 0755, plan);
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator{"/etc/skel", missing}) {
    if (!entry.is_regular_file()) continue;
    const auto copy = home / entry.path().filename();
    fs::copy_file(entry.path(), copy, missing);
    if (!missing) own(copy, sandbox_uid, 0644, plan);
  }
}

void make_root(const fs::path& root, const sandbox_plan& plan) {
  make_folder(root, 0, 0755, plan);
  for (const char* name : {"boot",
                           "dev",
                           "etc",
                           "media",
                           "mnt",
                           "opt",
                           "proc",
                           "run",
                           "srv",
                           "sys",
                           "usr",
                           "var",
                           "var/backups",
                           "var/cache",
                           "var/cache/apt",
                           "var/cache/apt/archives",
                           "var/cache/apt/archives/partial",
                           "var/cache/debconf",
                           "var/lib",
                           "var/lib/apt",
                           "var/lib/dpkg",
                           "var/lib/misc",
                           "var/lib/pam",
                           "var/lib/ucf",
                           "var/local",
                           "var/log",
                           "var/log/apt",
                           "var/mail",
                           "var/opt",
                           "var/spool"})
    make_folder(root / name, 0, 0755, plan);
  make_folder(root / "root", 0, 0700, plan);
  for (const char* name : {"tmp", "var/tmp"}) make_folder(root / name, 0, 01777, plan);
  make_link("/run", root / "var/run", plan);
  make_link("/run/lock", root / "var/lock", plan);
  for (const char* name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"})
    if (fs::is_symlink(fs::path{"/"} / name)) make_link(fs::read_symlink(fs::path{"/"} / name), root / name, plan);
  make_home(root, plan);
}

void write_owned(const fs::path& path, const std::string& text, const sandbox_plan& plan) {
  std::ofstream file{path};
  file << text << std::flush;
  if (!file)
    throw setup_failure("write " + path.string(), ENOSPC);  // what else it may be, a file of ours can be written
  own(path, 0, 0644, plan);
}

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

void stage_machine_folders(const base_layers& base, const id_map& ids) {
  const unique_fd namespace_of_ids = make_id_namespace(ids);
  for (const char* folder : machine_folders) {
    if (!exists_on_machine(folder)) continue;
    const auto target = base.staging / layer_name(folder);
    fs::create_directories(target);
    const std::string what = "id-map /" + std::string{folder};
    const unique_fd tree{static_cast<int>(
        check(::syscall(SYS_open_tree, AT_FDCWD, (fs::path{"/"} / folder).c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
              what))};
    mount_attr request{};
    request.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY;
    request.userns_fd = static_cast<std::uint64_t>(namespace_of_ids.get());
    check(::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &request, sizeof request), what);
    check(::syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH), what);
  }
}

void make_sandbox_folder(const sandbox_plan& plan) {
  if (::mkdir(plan.directory.c_str(), 0711) != 0 && errno != EEXIST)
    throw setup_failure("mkdir " + plan.directory.string());
  // PID 1 passes through it with the sandbox's ids.
  check(::chmod(plan.directory.c_str(), 0711), "chmod " + plan.directory.string());
  const auto root = plan.directory / "root";
  if (fs::exists(root)) return;

  for (const char* layers : {"upper", "work"}) {
    make_folder(plan.directory / layers, 0, 0755, plan);
    for (const char* folder : machine_folders) make_folder(plan.directory / layers / layer_name(folder), 0, 0755, plan);
    make_folder(plan.directory / layers / "etc", 0, 0755, plan);
  }
  write_owned(plan.directory / "upper/etc/hostname", plan.host_name + "\n", plan);
  write_owned(plan.directory / "upper/etc/hosts", hosts_text(plan.host_name), plan);
  // Made beside and renamed: a folder called `root` is a whole one, also after a crash.
  const auto unfinished = plan.directory / "root.new";
  remove_tree(unfinished);
  make_root(unfinished, plan);
  check(::rename(unfinished.c_str(), root.c_str()), "rename " + unfinished.string());
}

void mount_root(const sandbox_plan& plan) {
  const bool shifted = plan.ids.mode == isolation_mode::shifted;
  const auto root = plan.directory / "root";
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make the mounts private");
  bind(root, root);
  set_attributes(root, MOUNT_ATTR_NODEV);
  mount_overlay(plan, root / "etc", "etc", option_path(plan.base.etc), true);
  for (const char* folder : machine_folders) {
    if (!exists_on_machine(folder)) continue;
    const bool is_usr = folder == std::string_view{"usr"};
    const auto lower = shifted ? plan.base.staging / layer_name(folder) : fs::path{"/"} / folder;
    const auto lowers = is_usr ? option_path(plan.base.usr) + ":" + option_path(lower) : option_path(lower);
    if (shifted || is_usr) {
      mount_overlay(plan, root / folder, layer_name(folder), lowers, shifted);
    } else {
      bind(lower, root / folder);
      set_attributes(root / folder, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
    }
  }
  check(::chdir(root.c_str()), "enter " + root.string());
}

void enter_root(const sandbox_plan& plan) {
  // By relative paths alone: the folders above may be closed to the sandbox's ids. Mounts that came from a more privileged namespace are locked to
  // their place; a fresh one can become the root. It lies over the folder that we are in, so we enter that once more.
  mount_or_fail(".", ".", nullptr, MS_BIND | MS_REC, "", "the new root");
  check(::chdir("../root"), "enter the new root");
  make_dev("dev", plan);
  make_proc_and_sys();
  mount_or_fail("tmpfs", "run", "tmpfs", MS_NOSUID | MS_NODEV, memory_folder(plan, "755"), "/run");
  check(::mkdir("run/lock", 01777), "mkdir /run/lock");
  check(::chmod("run/lock", 01777), "chmod /run/lock");

  check(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(::umount2(".", MNT_DETACH), "leave the machine's file systems");
  check(::chdir("/"), "chdir /");
}

}  // namespace daytona::local
