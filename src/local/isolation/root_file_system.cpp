#include "local/isolation/root_file_system.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "local/isolation/base_files.hpp"
#include "local/isolation/id_map.hpp"
#include "local/isolation/mounts.hpp"
#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"
#include "local/isolation/system_folders.hpp"
#include "local/isolation/unique_fd.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

// The folders of the base that a sandbox sees; of /var only what apt and dpkg know of its packages.
constexpr std::array base_folders = {"usr", "opt", "var/lib/dpkg", "var/lib/apt"};

constexpr const char* base_record = "base";  // in a sandbox's folder: what it was made of

std::string base_name(const fs::path& source) { return source == "/" ? "host" : source.string(); }

bool has(const base_layers& base, const std::string& folder) { return fs::is_directory(base.source / folder); }

std::string layer_name(std::string folder) {
  for (char& letter : folder)
    if (letter == '/') letter = '-';
  return folder;
}

/// What is to be mounted at one folder of a sandbox, held before anything is.
struct layers {
  std::string folder;
  std::vector<unique_fd> lowers;  ///< The upmost first.
  unique_fd upper;                ///< Nothing where the folder is read-only.
  unique_fd work;
};

unique_fd open_emptied_work(const fs::path& work) {
  // Without `volatile` each end of a sandbox would wait until all that the machine has still to write to this disk is
  // written. The mark that it leaves in its work folder forbids a second mount, as if the machine had crashed since.
  remove_tree(work / "work");
  return open_machine(work);
}

layers open_layers(const sandbox_plan& plan, const std::string& folder, const std::vector<fs::path>& lowers,
                   bool writable) {
  layers opened;
  opened.folder = folder;
  for (const auto& lower : lowers) opened.lowers.push_back(open_machine(lower));
  if (!writable) return opened;
  opened.upper = open_machine(plan.directory / "upper" / layer_name(folder));
  opened.work = open_emptied_work(plan.directory / "work" / layer_name(folder));
  return opened;
}

std::vector<layers> open_all_layers(const sandbox_plan& plan) {
  const bool shifted = plan.ids.mode == isolation_mode::shifted;
  std::vector<layers> all;
  all.push_back(open_layers(plan, "etc", {plan.base.etc}, true));
  for (const std::string folder : base_folders) {
    if (!has(plan.base, folder)) continue;
    std::vector<fs::path> lowers;
    if (folder == "usr") lowers.push_back(plan.base.usr);
    lowers.push_back(shifted ? plan.base.staging / layer_name(folder) : plan.base.source / folder);
    all.push_back(open_layers(plan, folder, lowers, shifted));
  }
  return all;
}

std::string overlay_options(const layers& what, isolation_mode mode) {
  std::string options = "lowerdir=";
  for (const auto& lower : what.lowers) options += (&lower == &what.lowers.front() ? "" : ":") + path_to(lower);
  if (what.upper) options += ",volatile,upperdir=" + path_to(what.upper) + ",workdir=" + path_to(what.work);
  if (mode == isolation_mode::userns) options += ",userxattr";
  return options;
}

// An overlay whose work folder it can't use comes up read-only and says so in the kernel's log only.
void check_writable(const unique_fd& mounted, const std::string& folder) {
  struct statvfs status{};
  const std::string what = "write to the overlay of /" + folder;
  check(::fstatvfs(mounted.get(), &status), what);
  if ((status.f_flag & ST_RDONLY) != 0) throw setup_failure(what, EROFS);
}

void mount_layers(const layers& what, int root, isolation_mode mode) {
  const unique_fd target = open_inside(root, what.folder);
  if (!what.upper && what.lowers.size() == 1) {
    const auto view = view_of(what.lowers.front(), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, "/" + what.folder);
    return attach(view, target, "/" + what.folder);
  }
  const std::string options = overlay_options(what, mode);
  mount_or_fail("overlay", target, "overlay", MS_NODEV, options, "/" + what.folder + " (overlay)");
  if (what.upper) check_writable(open_inside(root, what.folder), what.folder);
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
  for (const auto& entry : fs::directory_iterator{plan.base.source / "etc/skel", missing}) {
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
    if (const auto link = plan.base.source / name; fs::is_symlink(link))
      make_link(fs::read_symlink(link), root / name, plan);
  make_home(root, plan);
}

void write_owned(const fs::path& path, const std::string& text, const sandbox_plan& plan) {
  std::ofstream file{path};
  file << text << std::flush;
  if (!file)
    throw setup_failure("write " + path.string(), ENOSPC);  // what else it may be, a file of ours can be written
  own(path, 0, 0644, plan);
}

// What was changed in the folders of one base makes no sense above those of another.
void check_base(const sandbox_plan& plan) {
  std::ifstream file{plan.directory / base_record};
  std::string made_of = "/";  // before there was a choice
  std::getline(file, made_of);
  if (made_of == plan.base.source) return;
  throw std::runtime_error("it was made of the base " + base_name(made_of) + ", and this is " +
                           base_name(plan.base.source) + "; start the server with --base=" + base_name(made_of) +
                           ", or make a new sandbox");
}

}  // namespace

void stage_base_folders(const base_layers& base, const id_map& ids) {
  const unique_fd namespace_of_ids = make_id_namespace(ids);
  for (const char* folder : base_folders) {
    if (!has(base, folder)) continue;
    const auto target = base.staging / layer_name(folder);
    fs::create_directories(target);
    const auto original = base.source / folder;
    const std::string what = "id-map " + original.string();
    const unique_fd tree{static_cast<int>(
        check(::syscall(SYS_open_tree, AT_FDCWD, original.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), what))};
    mount_attr request{};
    request.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY;
    request.userns_fd = static_cast<std::uint64_t>(namespace_of_ids.get());
    check(::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &request, sizeof request), what);
    check(::syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH), what);
  }
}

void make_sandbox_folder(const sandbox_plan& plan) {
  // What a sandbox leaves there, a set-user-id program of our own user for one, is out of reach for the machine's others. PID 1 does without the way.
  if (::mkdir(plan.directory.c_str(), 0700) != 0 && errno != EEXIST)
    throw setup_failure("mkdir " + plan.directory.string());
  check(::chmod(plan.directory.c_str(), 0700), "chmod " + plan.directory.string());
  const auto root = plan.directory / "root";
  if (fs::exists(root)) return check_base(plan);

  write_owned(plan.directory / base_record, plan.base.source.string() + "\n", plan);
  for (const char* layers : {"upper", "work"}) {
    make_folder(plan.directory / layers, 0, 0755, plan);
    for (const char* folder : base_folders) make_folder(plan.directory / layers / layer_name(folder), 0, 0755, plan);
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
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make the mounts private");
  const auto all = open_all_layers(plan);
  const auto folder = open_machine(plan.directory / "root");
  const auto root = view_of(folder, MOUNT_ATTR_NODEV, "the sandbox's root");
  attach(root, folder, "the sandbox's root");
  for (const auto& each : all) mount_layers(each, root.get(), plan.ids.mode);
  check(::fchdir(root.get()), "enter the sandbox's root");
}

void enter_root(const sandbox_plan& plan) {
  // Not by paths from the top: the folders above may be closed to the sandbox's ids. Mounts that came from a more privileged namespace are locked to
  // their place; a fresh view of them can become the root.
  const auto root = view_of_working_folder();
  attach(root, open_machine("."), "the new root");
  check(::fchdir(root.get()), "enter the new root");
  make_system_folders(root.get(), plan);

  check(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(::umount2(".", MNT_DETACH), "leave the machine's file systems");
  check(::chdir("/"), "chdir /");
}

}  // namespace daytona::local
