#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daytona/local/server.hpp"

namespace daytona::local {

/// The environment of PID 1, as NAME=value: what every sandbox has, then `extra`, which wins. Nothing of this process's own.
std::vector<std::string> sandbox_environment(isolation_mode mode, const std::filesystem::path& directory,
                                             const std::map<std::string, std::string>& extra);

}  // namespace daytona::local
