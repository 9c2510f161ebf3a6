#pragma once

#include <map>
#include <string>

#include "model/sandbox.hpp"

namespace daytona::local {

/// The environment of everything in a sandbox: what its creator asked for, and what tells programs where they are.
std::map<std::string, std::string> environment_of(const model::sandbox_data& sandbox);

}  // namespace daytona::local
