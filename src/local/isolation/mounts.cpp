#include "local/isolation/mounts.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <stdexcept>

#include "local/isolation/setup_failure.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

unique_fd clone_tree(int source, unsigned flags, const std::string& what) {
  const long tree = ::syscall(SYS_open_tree, source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags);
  return unique_fd{static_cast<int>(check(tree, "see " + what))};
}

bool is_of_the_layout(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV; }

unique_fd find(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(O_PATH | O_CLOEXEC | flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  unique_fd found{static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how))};
  if (!found && !is_of_the_layout(errno)) throw setup_failure("open /" + path + " of the sandbox");
  return found;
}

}  // namespace

unique_fd open_machine(const fs::path& path) {
  return unique_fd{check(::open(path.c_str(), O_PATH | O_CLOEXEC), "open " + path.string())};
}

unique_fd find_inside(int root, const std::string& path) { return find(root, path, 0); }

unique_fd open_inside(int root, const std::string& path) {
  unique_fd found = find(root, path, O_DIRECTORY);
  if (!found)
    throw std::runtime_error("/" + path +
                             " of the sandbox is no folder any more, and it can't start without; make a new sandbox");
  return found;
}

std::string path_to(const unique_fd& descriptor) { return "/proc/self/fd/" + std::to_string(descriptor.get()); }

unique_fd view_of(const unique_fd& source, std::uint64_t attributes, const std::string& what) {
  unique_fd view = clone_tree(source.get(), 0, what);
  mount_attr request{};
  request.attr_set = attributes;
  check(::syscall(SYS_mount_setattr, view.get(), "", AT_EMPTY_PATH, &request, sizeof request), "restrict " + what);
  return view;
}

unique_fd view_of_working_folder() { return clone_tree(AT_FDCWD, AT_RECURSIVE, "the working folder"); }

void attach(const unique_fd& view, const unique_fd& target, const std::string& what) {
  constexpr unsigned by_descriptors = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  check(::syscall(SYS_move_mount, view.get(), "", target.get(), "", by_descriptors), "mount " + what);
}

void mount_or_fail(const char* source, const unique_fd& target, const char* type, unsigned long flags,
                   const std::string& data, const std::string& what) {
  check(::mount(source, path_to(target).c_str(), type, flags, data.c_str()), "mount " + what);
}

}  // namespace daytona::local
