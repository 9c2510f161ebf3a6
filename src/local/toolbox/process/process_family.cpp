#include "local/toolbox/process/process_family.hpp"

#include <signal.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "local/http/alarm.hpp"
#include "local/isolation/file_text.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using milliseconds = std::chrono::milliseconds;

constexpr milliseconds first_pause{2};
constexpr milliseconds longest_pause{50};
constexpr milliseconds kill_patience{1000};  // for those that the kernel keeps a while

std::vector<process_entry> all_processes(const std::string& mark) {
  namespace fs = std::filesystem;
  std::vector<process_entry> all;
  std::error_code error;
  for (fs::directory_iterator entry{"/proc", error}, end; !error && entry != end; entry.increment(error)) {
    if (std::isdigit(static_cast<unsigned char>(entry->path().filename().native()[0])) == 0) continue;
    auto process = parse_process(file_text(entry->path() / "stat"));
    if (!process) continue;
    process->is_marked = !mark.empty() && has_variable(file_text(entry->path() / "environ"), mark);
    all.push_back(*process);
  }
  return all;
}

bool holds(const std::set<pid_t>& set, pid_t process) { return set.count(process) != 0; }

}  // namespace

std::optional<process_entry> parse_process(std::string_view stat) {
  const auto name_end = stat.rfind(')');  // the name before it may hold anything
  if (name_end == std::string_view::npos) return std::nullopt;
  std::istringstream before{std::string{stat.substr(0, stat.find(' '))}};
  std::istringstream behind{std::string{stat.substr(name_end + 1)}};
  process_entry entry;
  pid_t group = 0;
  before >> entry.process;
  behind >> entry.state >> entry.parent >> group >> entry.session;
  if (!before || !behind) return std::nullopt;
  return entry;
}

bool has_variable(std::string_view environment, std::string_view variable) {
  const std::string whole = std::string{variable} + '\0';
  const auto place = environment.find(whole);
  return place != std::string_view::npos && (place == 0 || environment[place - 1] == '\0');
}

std::vector<pid_t> family_of(const family_heads& heads, const std::vector<process_entry>& all) {
  std::set<pid_t> members;
  for (const pid_t head : {heads.keeper, heads.shell})
    if (head > 0) members.insert(head);
  for (bool grows = true; grows;) {
    grows = false;
    for (const auto& each : all) {
      const bool is_of_shell = heads.shell > 0 && each.session == heads.shell;
      const bool belongs = each.is_marked || is_of_shell || holds(members, each.parent);
      if (belongs && members.insert(each.process).second) grows = true;
    }
  }
  members.erase(heads.keeper);
  std::vector<pid_t> alive;
  for (const auto& each : all)
    if (holds(members, each.process) && each.state != 'Z' && each.state != 'X') alive.push_back(each.process);
  return alive;
}

asio::awaitable<void> end_family(family_heads heads, milliseconds grace, std::string mark) {
  std::set<pid_t> asked;
  milliseconds waited{0};
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    const auto members = family_of(heads, all_processes(mark));
    const bool kills = waited >= grace;
    if (members.empty() || waited >= grace + kill_patience) co_return;
    for (const auto process : members) {
      if (kills)
        ::kill(process, SIGKILL);
      else if (asked.insert(process).second)
        ::kill(process, SIGTERM);
    }
    co_await http::pause(pause);
    waited += pause;
  }
}

}  // namespace daytona::local::toolbox
