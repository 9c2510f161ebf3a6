#pragma once

#include <sys/types.h>

#include <string>

#include "local/isolation/sandbox_plan.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// A sandbox on its way up. Its PID 1 becomes a child of the caller.
struct starting_sandbox {
  pid_t setup = -1;  ///< A child that makes the mounts and then ends.
  unique_fd
      report;  ///< Closes when PID 1 runs the toolbox, or when nothing of the sandbox is left; until then `start_report` lines come.
};

/// What has come of a start so far.
struct start_report {
  pid_t first_process = -1;  ///< PID 1, as seen by the caller; -1 = there is none yet.
  std::string failure;       ///< The step that failed and why; empty = none did.
};

/// Starts making a sandbox, and does not wait for it. Single-threaded callers only. Throws `setup_failure`.
starting_sandbox start_sandbox(const sandbox_plan& plan);

/// Reads the whole text of a report.
start_report parse_report(const std::string& text);

}  // namespace daytona::local
