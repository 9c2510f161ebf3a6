#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// The files of one command of a session, all in a folder of its own.
struct command_places {
  explicit command_places(const std::filesystem::path& folder);
  std::filesystem::path folder;
  std::filesystem::path script;
  std::filesystem::path log;
  std::filesystem::path input;  ///< FIFOs, there while it runs.
  std::filesystem::path output;
  std::filesystem::path errors;
};

/// The line that makes a session's shell run a stored script in its own process, with the command's outputs and input, and then report the exit code of
/// command `number` on its own standard output. Without `takes_input` the command's input is at its end.
///
/// The shell keeps its own input and output out of reach of what it starts, and no alias or function takes part.
std::string shell_line(std::string_view shell, unsigned number, const command_places& places, bool takes_input);

struct shell_report {
  unsigned number = 0;
  int exit_code = 0;
};
/// Nothing if the line is none: a trap of the user's may print there too.
std::optional<shell_report> parse_shell_report(std::string_view line);

/// The name of the folder that is a session's: its id, with `%` and two digits for each byte that a name can't or should not have.
std::string folder_name_of(std::string_view session_id);

/// `text` as one word of a shell.
std::string single_quoted(std::string_view text);

}  // namespace daytona::local::toolbox
