#pragma once

#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// What the system says of an error of `errno`, in small letters: `no such file or directory`.
std::string reason_text(int error);

/// Throws the `http_error` for a place that can't be looked at: 404 if it is missing, 403 if that is forbidden, else 400.
[[noreturn]] void throw_not_seen(std::string_view path, int error);
/// Throws the `http_error` 400 for something that could not be done: `remove /etc/hostname: permission denied`.
[[noreturn]] void throw_not_done(std::string_view what, std::string_view path, int error);

}  // namespace daytona::local::toolbox
