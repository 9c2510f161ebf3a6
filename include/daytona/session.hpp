#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/log_stream.hpp"
#include "daytona/output_handler.hpp"

namespace daytona::inline v0 {

/// A command for a session's shell.
struct DAYTONA_API session_execute_request {
  session_execute_request();
  std::string command;  ///< Read by the shell as a script: what it changes (`cd`, `export`) stays for later commands.
  bool run_async =
      false;  ///< Answer as soon as it is queued, instead of when it has ended. Its standard input is then open. Default false.
  bool suppress_input_echo = false;  ///< Keep what is sent to its standard input out of its log. Default false.
};

/// How to wait for a session's command.
struct DAYTONA_API session_command_options {
  session_command_options();
  /// How long the caller waits for the answer; the command itself has no limit. Rounded up to whole seconds, at most 2^31-1 s (more is cut to that), and the
  /// call's deadline is 5 s later. Absent or 0 = without a limit; negative is refused.
  std::optional<std::chrono::milliseconds> timeout;
};

/// How the end of a session's command is waited for.
struct DAYTONA_API wait_session_command_options {
  wait_session_command_options();
  /// Called with all that it writes there, from its beginning. Empty = that is dropped.
  output_handler<std::string_view> on_stdout;
  output_handler<std::string_view> on_stderr;  ///< The same.
  /// How long to wait; the command runs on. Default 0 = without a limit; at most 2^31-1 s (more is cut to that); negative is refused. The handlers' own time
  /// counts too.
  std::chrono::milliseconds timeout{0};
  follow_options follow;
};

/// What became of a command. Absent members are not known (yet): those of a command that runs on.
struct DAYTONA_API session_execute_response {
  session_execute_response();
  std::string cmd_id;                  ///< Names the command in the session.
  std::optional<std::string> output;   ///< As `session_command_logs::output`.
  std::optional<std::string> stdout_;  ///< Standard output alone.
  std::optional<std::string> stderr_;  ///< Standard error alone.
  std::optional<int> exit_code;        ///< 0 to 255. Absent = it has not ended, or its end is not known.
};

/// A command of a session. An aggregate, since a member has its name.
struct command {
  std::string id;
  std::string command;           ///< Its text.
  std::optional<int> exit_code;  ///< Absent = it runs, or waits for those before it.
};

/// A shell in a sandbox that runs commands one after the other.
struct DAYTONA_API session {
  session();
  std::string session_id;
  std::vector<daytona::v0::command> commands;  ///< In no order.
};

}  // namespace daytona::inline v0
