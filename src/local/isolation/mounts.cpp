#include "local/isolation/mounts.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "local/isolation/setup_failure.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

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

}  // namespace daytona::local
