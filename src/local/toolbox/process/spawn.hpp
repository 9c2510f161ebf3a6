#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

struct spawn_request {
  std::vector<std::string> arguments;    ///< The first is the program, looked up nowhere.
  std::vector<std::string> environment;  ///< NAME=value.
  std::string cwd;                       ///< Empty = this process's own.
  int input = -1;
  int output = -1;             ///< stdout, and stderr unless that has an own.
  int errors = -1;             ///< stderr; -1 = as stdout.
  bool leads_session = false;  ///< Of processes, and so of a group too: all that it starts can be found.
  std::string terminal{};  ///< The path of one that stands for all three, and controls the session that it then leads.
};

/// Starts a program as the leader of a process group of its own, with default signals. Returns 0 and sets `child`, or returns the error number.
int spawn(const spawn_request& request, pid_t& child);

}  // namespace daytona::local::toolbox
