#pragma once

namespace daytona::local::toolbox {

/// The word by which the toolbox's program becomes the keeper of a session: `daytona-toolbox session-keeper SHELL`.
inline constexpr const char* keeper_command = "session-keeper";

/// Runs `shell` on its own standard input and output, and is the parent of all that the session leaves behind, also of what leaves its group and its
/// session of processes, as daemons do: so that all of it is found when the session is deleted. Tells on its standard error which process the shell is
/// (`shell PID`) and how it ended (`ended STATUS`), and ends when nothing is left.
int keep_session(const char* shell);

}  // namespace daytona::local::toolbox
