#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daytona/local/server.hpp"

namespace daytona::local {

/// What each toolbox is told: the limits that `options` name, and what to run from the start on. JSON, for `toolbox_settings_variable`.
std::string toolbox_settings(const server_options& options, std::span<const std::string_view> entrypoint);

/// The same limits, for people.
std::string interpreter_limits_description(const server_options& options);
std::string session_limits_description(const server_options& options);
std::string pty_limits_description(const server_options& options);

}  // namespace daytona::local
