#include "local/toolbox/processes_at_rest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t most_known = 8;

std::string place_of(pid_t process, const char* name) { return "/proc/" + std::to_string(process) + "/" + name; }

/// The times of other threads are not in the process's own file.
bool has_one_thread(pid_t process) {
  struct stat threads{};
  return ::stat(place_of(process, "task").c_str(), &threads) == 0 && threads.st_nlink == 3;
}

}  // namespace

std::string processes_at_rest::read_times(const known_process& known) {
  std::array<char, 128> bytes;
  const auto size = ::pread(known.times.get(), bytes.data(), bytes.size(), 0);
  return size > 0 ? std::string{bytes.data(), static_cast<std::size_t>(size)} : std::string{};
}

void processes_at_rest::remember(const std::vector<pid_t>& found) {
  if (are_the_same(found) && nothing_has_run()) {
    seen_twice_ = true;
    return;
  }
  forget();
  if (found.size() > most_known || !std::ranges::all_of(found, has_one_thread)) return;
  for (const pid_t process : found) {
    known_process known{process, unique_fd{::open(place_of(process, "schedstat").c_str(), O_RDONLY | O_CLOEXEC)}, {}};
    known.before = read_times(known);
    known_.push_back(std::move(known));
  }
}

void processes_at_rest::forget() {
  known_.clear();
  seen_twice_ = false;
}

bool processes_at_rest::still_rest() { return seen_twice_ && nothing_has_run(); }

bool processes_at_rest::nothing_has_run() const {
  const auto rests = [](const known_process& each) { return !each.before.empty() && read_times(each) == each.before; };
  return !known_.empty() && std::ranges::all_of(known_, rests);
}

bool processes_at_rest::are_the_same(const std::vector<pid_t>& found) const {
  return std::ranges::equal(found, known_, {}, {}, &known_process::process);
}

}  // namespace daytona::local::toolbox
