#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daytona/charts.hpp"
#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// How to run a command.
struct DAYTONA_API exec_options {
  exec_options();
  std::string cwd;                         ///< Empty = the sandbox's work directory; a relative one starts there.
  std::map<std::string, std::string> env;  ///< On top of the sandbox's; names `[A-Za-z_][A-Za-z0-9_]*`.
  /// The command's own limit, kept by the server, which kills its process group. Rounded up to whole seconds, at most 2^31-1 s (more is cut to that).
  /// Absent or 0 = none; negative is refused. The call's deadline is 5 s later; without a limit the call has none either.
  std::optional<std::chrono::milliseconds> timeout;
};

/// How to run a program text.
struct DAYTONA_API code_run_params {
  code_run_params();
  std::vector<std::string>
      argv;  ///< Arguments. Daytona puts them unquoted on a command line: they are quoted here, so that they arrive as given.
  std::map<std::string, std::string> env;            ///< As `exec_options::env`.
  std::optional<std::chrono::milliseconds> timeout;  ///< As `exec_options::timeout`.
};

/// What a command left besides its exit code.
struct DAYTONA_API execution_artifacts {
  execution_artifacts();
  std::string stdout_;  ///< Standard output; equals `execute_response::result` unless the server splits the streams.
  std::optional<std::string>
      stderr_;  ///< Standard error, only if the server splits the streams; else it is part of `stdout_`.
  std::vector<any_chart> charts;  ///< What matplotlib drew (`process::code_run`, python).
};

/// How a command ended.
struct DAYTONA_API execute_response {
  execute_response();
  int exit_code =
      0;  ///< 0 to 255; -1 if the shell was killed by a signal or could not be started (`result` then says why).
  std::string
      result;  ///< Everything it wrote, standard error included, unless the server splits the streams (`artifacts.stderr_` is set then).
  execution_artifacts artifacts;
};

}  // namespace daytona::inline v0
