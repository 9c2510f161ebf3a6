#pragma once

#include <map>
#include <string>
#include <vector>

namespace daytona::local::toolbox {

/// `extra` on top of this process's own environment, as NAME=value.
std::vector<std::string> merged_environment(const std::map<std::string, std::string>& extra);

/// This process's own.
std::string current_directory();

/// Throws `http_error` 400 for a name that no shell could use.
void check_environment(const std::map<std::string, std::string>& environment);

}  // namespace daytona::local::toolbox
