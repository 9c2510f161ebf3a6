#include "local/toolbox/memory_use.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "local/isolation/file_text.hpp"
#include "local/toolbox/process/process_files.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::uint64_t filled_in_a_millisecond = 4ULL * 1024 * 1024;

std::string file_of(pid_t process, const char* name) { return "/proc/" + std::to_string(process) + "/" + name; }

std::vector<pid_t> other_processes() {
  std::vector<pid_t> all;
  process_files::shared().list(all);
  std::erase(all, ::getpid());
  return all;
}

std::uint64_t used_on(const char* mount) {
  struct statvfs status{};
  return ::statvfs(mount, &status) == 0 ? (status.f_blocks - status.f_bfree) * status.f_frsize : 0;
}

/// The resident bytes of System V segments: the column `rss`, the fifteenth.
std::uint64_t used_by_segments() {
  std::istringstream lines{file_text("/proc/sysvipc/shm")};
  std::uint64_t used = 0;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields{line};
    std::string field;
    for (int column = 0; column < 14; ++column) fields >> field;
    std::uint64_t resident = 0;
    if (fields >> resident) used += resident;
  }
  return used;
}

process_memory resident(pid_t process) {
  const std::string text = file_text(file_of(process, "status"));
  return {process, kilobytes(text, "RssAnon").value_or(0), kilobytes(text, "RssShmem").value_or(0)};
}

process_memory proportional(pid_t process) {
  const std::string text = file_text(file_of(process, "smaps_rollup"));
  const auto own = kilobytes(text, "Pss_Anon");
  // Those of other users don't open themselves to the toolbox.
  return own ? process_memory{process, *own, kilobytes(text, "Pss_Shmem").value_or(0)} : resident(process);
}

template <class Count>
memory_use count(Count of) {
  memory_use use;
  for (const pid_t process : other_processes()) use.processes.push_back(of(process));
  use.files = used_on("/dev/shm") + used_on("/run") + used_by_segments();
  return use;
}

}  // namespace

std::uint64_t memory_use::total() const {
  std::uint64_t own = 0;
  std::uint64_t shared = 0;
  for (const auto& each : processes) {
    own += each.own;
    shared += each.shared;
  }
  return own + std::max(shared, files);
}

const process_memory* memory_use::largest() const {
  const auto most =
      std::ranges::max_element(processes, {}, [](const process_memory& each) { return each.own + each.shared; });
  return most == processes.end() ? nullptr : &*most;
}

std::optional<std::uint64_t> kilobytes(std::string_view text, std::string_view name) {
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    auto line = text.substr(start, end - start);
    start = end + 1;
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
    std::uint64_t value = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), value).ec != std::errc{}) return std::nullopt;
    return value * 1024;
  }
  return std::nullopt;
}

memory_use count_at_most() { return count(resident); }
memory_use count_exactly() { return count(proportional); }

std::string name_of(pid_t process) {
  std::string name = file_text(file_of(process, "comm"));
  if (name.ends_with('\n')) name.pop_back();
  for (char& letter : name)
    if (letter < ' ' || letter > '~') letter = '?';
  return name.empty() ? "process " + std::to_string(process) : name;
}

std::chrono::milliseconds next_look(std::uint64_t used, std::uint64_t limit) {
  const std::uint64_t left = used < limit ? limit - used : 0;
  const auto most = static_cast<std::uint64_t>(longest_look.count());
  return std::max(shortest_look, std::chrono::milliseconds{std::min(left / filled_in_a_millisecond, most)});
}

}  // namespace daytona::local::toolbox
