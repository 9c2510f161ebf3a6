#include "local/control/descriptors.hpp"

#include <sys/eventfd.h>
#include <sys/resource.h>

#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

namespace {

bool can_open(std::size_t count) {
  std::vector<unique_fd> tried;
  for (std::size_t n = 0; n < count; ++n) {
    tried.emplace_back(::eventfd(0, EFD_CLOEXEC));
    if (!tried.back()) return false;
  }
  return true;
}

}  // namespace

http::http_error out_of_descriptors() {
  return {503,
          "the local backend has no file descriptor left for this: try again once connections have ended, remove "
          "sandboxes, or start it with a higher limit (ulimit -n)",
          "OUT_OF_DESCRIPTORS"};
}

std::size_t most_descriptors() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::size_t>(limit.rlim_cur) : 1024;
}

void require_descriptors(std::size_t count, const std::function<void()>& free_some) {
  if (can_open(count)) return;
  free_some();
  if (!can_open(count)) throw out_of_descriptors();
}

}  // namespace daytona::local
