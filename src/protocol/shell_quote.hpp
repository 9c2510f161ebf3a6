#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daytona::protocol {

/// `argument` as one word of a POSIX shell's command line, whatever is in it. Throws as `check_argument` does if it
/// holds a NUL byte, which no argument of a program can.
std::string shell_quote(std::string_view argument, std::string_view operation = {});

/// The command line that runs `argv[0]` with exactly these arguments.
std::string shell_command(const std::vector<std::string>& argv, std::string_view operation = {});

}  // namespace daytona::protocol
