#include "local/toolbox/process/process_family.hpp"

#include <boost/asio/this_coro.hpp>
#include <signal.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "local/http/alarm.hpp"
#include "local/toolbox/process/process_files.hpp"
#include "net/timers.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using milliseconds = std::chrono::milliseconds;

constexpr milliseconds first_pause{2};
constexpr milliseconds longest_pause{50};
constexpr milliseconds stop_patience{5000};  // with those that start others as fast as they are found
constexpr milliseconds kill_patience{1000};  // for those that the kernel keeps a while

/// False if some can't be looked at.
bool find_processes(const std::string& mark, std::vector<process_entry>& all) {
  auto& files = process_files::shared();
  std::vector<pid_t> numbers;
  if (!files.list(numbers)) return false;
  std::string text;
  for (const pid_t number : numbers) {
    if (!files.read(number, "stat", text)) return false;
    auto process = parse_process(text);
    if (!process) continue;
    if (!mark.empty() && !files.read(number, "environ", text)) return false;
    process->is_marked = !mark.empty() && has_variable(text, mark);
    all.push_back(*process);
  }
  return true;
}

/// Those of a family that are alive; of one that can't be looked at only the shell, which then stands for all that is of its process group.
struct found_family {
  bool is_known = false;
  std::vector<pid_t> members;
};

found_family look_for(const family_heads& heads, const std::string& mark) {
  found_family found;
  std::vector<process_entry> all;
  found.is_known = find_processes(mark, all);
  if (found.is_known)
    found.members = family_of(heads, all);
  else if (heads.shell > 0)
    found.members.push_back(-heads.shell);
  return found;
}

bool holds(const std::set<pid_t>& set, pid_t process) { return set.count(process) != 0; }

/// Ends the members of a family. They are stopped before they are killed, until no other appears: one that is stopped starts no more, and takes the place
/// that another would need.
class family_end {
 public:
  void ask(const std::vector<pid_t>& members) {
    for (const auto process : members)
      if (asked_.insert(process).second) ::kill(process, SIGTERM);
  }
  /// Whether there were some that had not been stopped.
  bool stop(const std::vector<pid_t>& members) {
    bool are_new = false;
    for (const auto process : members) {
      if (!stopped_.insert(process).second) continue;
      are_new = true;
      ::kill(process, SIGSTOP);
    }
    return are_new;
  }
  void kill(const std::vector<pid_t>& members) {
    for (const auto process : members) ::kill(process, SIGKILL);
  }

 private:
  std::set<pid_t> asked_, stopped_;
};

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
  const auto executor = co_await asio::this_coro::executor;
  const auto& clock = net::timers_of(executor);
  const auto began = clock.now();  // to look takes its time, too, where there are thousands
  family_end ending;
  std::optional<net::steady_time> killed_at;  // for the first time
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    const auto found = look_for(heads, mark);
    const auto waited = clock.now() - began;
    if (found.is_known && found.members.empty()) co_return;
    if (waited < grace) {
      ending.ask(found.members);
    } else {
      const bool are_new = ending.stop(found.members);
      const bool is_last = killed_at && clock.now() - *killed_at >= kill_patience;
      if (!are_new || is_last || waited >= grace + stop_patience) {
        ending.kill(found.members);
        if (!killed_at) killed_at = clock.now();
      }
      if (is_last) co_return;
      if (are_new) pause = first_pause;
    }
    co_await http::pause(pause);
  }
}

}  // namespace daytona::local::toolbox
