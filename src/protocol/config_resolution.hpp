#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/config.hpp"

namespace daytona::protocol {

/// Looks up an environment variable; nothing = not set.
using environment = std::function<std::optional<std::string>(std::string_view name)>;

/// What `config::from_env` does, with the environment told.
config resolve_config(config explicit_values, const environment& variables);

}  // namespace daytona::protocol
