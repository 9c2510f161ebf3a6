#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/process/command_output.hpp"

namespace daytona::local::toolbox {

/// How long a command that has ended is waited for, while something it left behind holds its output open.
inline constexpr std::chrono::seconds left_behind_limit{30};

struct command {
  command();
  std::string script;                              ///< Fed to the shell on its standard input: of any length.
  std::string cwd;                                 ///< Empty = the toolbox's own.
  std::map<std::string, std::string> environment;  ///< On top of the toolbox's own.
  std::optional<std::chrono::seconds> timeout;     ///< Absent = none.
};

struct command_result {
  command_result();
  bool timed_out = false;  ///< Its process group was killed; nothing else is set.
  int exit_code = 0;       ///< -1 = ended by a signal, or not started.
};

/// Runs a script in the shell, in a process group of its own, to its end, the timeout, or the end of what holds its output. `output` gets stdout and
/// stderr in the order of arrival; of one that did not start, why.
boost::asio::awaitable<command_result> run_command(command what, child_watcher& children,
                                                   std::shared_ptr<command_output> output);

}  // namespace daytona::local::toolbox
