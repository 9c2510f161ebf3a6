#include "local/isolation/removals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

constexpr std::string_view removed_mark = "removed-";

// With less than this left, whoever removes a sandbox waits for its space.
constexpr std::uint64_t scarce = 16 * 1024 * 1024;

bool space_is_scarce(const fs::path& path) {
  struct statvfs disk{};
  return ::statvfs(path.c_str(), &disk) == 0 && disk.f_bavail * disk.f_frsize < scarce;
}

}  // namespace

void removals::begin(fs::path data_directory) {
  data_directory_ = std::move(data_directory);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{data_directory_, ignored})
    if (entry.path().filename().string().starts_with(removed_mark)) {
      all_.push_back({0, {}, folder_removal{entry.path()}});
      start(all_.back());
    }
}

void removals::add(std::uint64_t number, std::string id, fs::path directory) {
  all_.push_back({number, std::move(id), folder_removal{std::move(directory)}});
}

void removals::start(const std::function<bool(const std::string& id)>& is_gone) {
  for (auto& each : all_)
    if (!each.work.started() && is_gone(each.id)) start(each);
  all_.remove_if([](const removal& each) { return each.number == 0 && !each.work.started(); });
}

bool removals::owns(pid_t process) const {
  return std::ranges::any_of(all_, [&](const removal& each) { return each.work.owns(process); });
}

bool removals::take_end(pid_t process, int status) {
  const auto found = std::ranges::find_if(all_, [&](const removal& each) { return each.work.owns(process); });
  if (found == all_.end()) return false;
  answer(*found, found->work.failure(status));
  all_.erase(found);
  return true;
}

void removals::finish(std::chrono::milliseconds patience) {
  sigset_t child_ended;
  ::sigemptyset(&child_ended);
  ::sigaddset(&child_ended, SIGCHLD);
  const auto limit = std::chrono::steady_clock::now() + patience;
  // What waits for the end of its sandbox is begun no more: the next server asks for it again.
  all_.remove_if([](const removal& each) { return !each.work.started(); });
  while (!all_.empty()) {
    int status = 0;
    for (pid_t process = 0; (process = ::waitpid(-1, &status, WNOHANG)) > 0;) take_end(process, status);
    const auto left = std::chrono::ceil<std::chrono::nanoseconds>(limit - std::chrono::steady_clock::now()).count();
    if (left <= 0) return;
    const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
    if (!all_.empty()) ::sigtimedwait(&child_ended, nullptr, &wait);
  }
}

void removals::start(removal& which) {
  const bool moved = which.number != 0 && !data_directory_.empty() && which.work.move_to(next_place());
  const bool at_once = moved && !space_is_scarce(data_directory_);
  try {
    which.work.start();
    if (at_once) answer(which, {});
  } catch (const setup_failure& failure) {
    answer(which, moved ? "" : failure.what());  // what was moved is left to the next helper
  }
}

fs::path removals::next_place() {
  return data_directory_ / (std::string{removed_mark} + std::to_string(::getpid()) + "-" + std::to_string(++moved_));
}

void removals::answer(removal& which, const std::string& failure) {
  if (which.number != 0) send_({std::exchange(which.number, 0), which.id, failure, {}});
}

void leave_for_removal(const fs::path& data_directory, const fs::path& folder) {
  const auto place = data_directory / (std::string{removed_mark} + folder.filename().string());
  if (::rename(folder.c_str(), place.c_str()) != 0) remove_tree(folder);
}

}  // namespace daytona::local
