#include "local/toolbox/session/log_budget.hpp"

#include <sys/statvfs.h>

#include <algorithm>

namespace daytona::local::toolbox {

namespace {

constexpr std::uint64_t written_between_looks = 4 * 1024 * 1024;

}  // namespace

bool log_budget::take(std::uint64_t size, int file, std::string& why) {
  if (size > limits_.all_logs_size - std::min(used_, limits_.all_logs_size)) {
    why = "the logs of this sandbox have reached their limit of " + std::to_string(limits_.all_logs_size) +
          " bytes: delete sessions";
    return false;
  }
  if (size >= until_next_look_) {
    if (!disk_has_room(file)) {
      why = "the disk is nearly full";
      return false;
    }
    until_next_look_ = size + written_between_looks;
  }
  until_next_look_ -= size;
  used_ += size;
  return true;
}

bool log_budget::disk_has_room(int file) const {
  struct statvfs disk{};
  if (::fstatvfs(file, &disk) != 0) return true;
  const std::uint64_t block = disk.f_frsize;
  return disk.f_bavail * block > std::min(limits_.free_space, disk.f_blocks * block / 20);
}

}  // namespace daytona::local::toolbox
