#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "local/toolbox/child_watcher.hpp"

namespace daytona::local::toolbox {

/// How much of a command's output is kept. The rest is read and dropped, and a line at its end says so.
inline constexpr std::size_t output_limit = 16 * 1024 * 1024;

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
  std::string output;      ///< stdout and stderr in the order of arrival; of one that did not start, why.
};

/// Runs a script in the shell, in a process group of its own, to its end, the timeout, or the end of what holds its output.
boost::asio::awaitable<command_result> run_command(command what, child_watcher& children);

}  // namespace daytona::local::toolbox
