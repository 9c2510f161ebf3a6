#pragma once

#include <boost/asio/awaitable.hpp>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local::toolbox {

/// A process as /proc tells of it.
struct process_entry {
  pid_t process = 0;
  pid_t parent = 0;
  pid_t session = 0;
  char state = '?';
  bool is_marked = false;  ///< It has the variable of its environment that was looked for.
};

/// From the text of a /proc/PID/stat; nothing if it is none.
std::optional<process_entry> parse_process(std::string_view stat);

/// Whether the text of a /proc/PID/environ holds `variable`, NAME=value.
bool has_variable(std::string_view environment, std::string_view variable);

/// What the processes of a session descend from; -1 = it is gone, and its number may be another one's.
struct family_heads {
  pid_t keeper = -1;  ///< Not one of the family: it ends by itself, once nothing is left of it.
  pid_t shell = -1;   ///< Leads a session of processes.
};

/// Those of `all` that are marked, that belong to the session of processes that the shell leads, and all that descend from them, from it or from the
/// keeper; zombies left out.
std::vector<pid_t> family_of(const family_heads& heads, const std::vector<process_entry>& all);

/// Ends the family of `heads`: asks them, and after `grace` kills them. Ends when none is left, or what is left can't be killed. Of a family that can't be
/// looked at for want of memory or descriptors the shell's group is ended.
/// Who has the variable `mark`, NAME=value, belongs to it, too: it is inherited by those who leave their session and lose their parent. Empty = none.
boost::asio::awaitable<void> end_family(family_heads heads, std::chrono::milliseconds grace,
                                        std::string mark = std::string());

}  // namespace daytona::local::toolbox
