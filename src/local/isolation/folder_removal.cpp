#include "local/isolation/folder_removal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "local/isolation/launched_sandbox.hpp"
#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

/// As a child of the helper: keeps open `report` alone, since the helper's end is told by the closing of what it has, and ends with it.
int keep_only(int report, pid_t helper) {
  constexpr int kept = 3;
  ::dup2(report, kept);
  ::syscall(SYS_close_range, kept + 1, ~0U, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != helper) ::_exit(1);
  return kept;
}

}  // namespace

bool folder_removal::move_to(const std::filesystem::path& place) {
  if (::rename(directory_.c_str(), place.c_str()) != 0) return false;
  directory_ = place;
  ::chmod(directory_.c_str(), 0700);  // this name can be guessed
  return true;
}

void folder_removal::start() {
  int report[2] = {-1, -1};
  check(::pipe2(report, O_CLOEXEC), "pipe");
  const unique_fd writer{report[1]};
  report_.reset(report[0]);
  const pid_t helper = ::getpid();
  process_ = check(::fork(), "fork");
  if (process_ != 0) return;

  const int channel = keep_only(writer.get(), helper);
  std::string failure;
  try {
    remove_tree(directory_);
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  }
  [[maybe_unused]] const auto written = ::write(channel, failure.data(), failure.size());
  ::_exit(failure.empty() ? 0 : 1);
}

std::string folder_removal::failure(int status) const {
  char bytes[4096];
  const ssize_t size = ::read(report_.get(), bytes, sizeof bytes);
  if (size > 0) return {bytes, static_cast<std::size_t>(size)};
  return status == 0 ? "" : "remove " + directory_.string() + ": " + ending(status);
}

}  // namespace daytona::local
