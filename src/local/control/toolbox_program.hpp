#pragma once

#include <filesystem>

namespace daytona::local {

/// The program `daytona-toolbox`: `given` if not empty, else `DAYTONA_TOOLBOX`, the installed one, the one of the build
/// directory. Throws `daytona::error` naming where it was looked for.
std::filesystem::path find_toolbox_program(const std::filesystem::path& given);

}  // namespace daytona::local
