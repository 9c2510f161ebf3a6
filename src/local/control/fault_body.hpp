#pragma once

#include <string_view>

#include "daytona/local/faults.hpp"

namespace daytona::local {

/// The fault that a JSON body describes. Throws `http_error` 400 naming every member that breaks a rule.
fault read_fault(std::string_view body);

}  // namespace daytona::local
