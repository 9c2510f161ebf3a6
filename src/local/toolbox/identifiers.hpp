#pragma once

#include <string>

namespace daytona::local::toolbox {

/// A random UUID.
std::string new_uuid();

}  // namespace daytona::local::toolbox
