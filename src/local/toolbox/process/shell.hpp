#pragma once

#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// The shell that commands run in, chosen by the text of /etc/shells: the first of zsh and bash that it names, else `fallback` ($SHELL), else `sh`.
std::string choose_shell(std::string_view shells, std::string_view fallback);

/// `choose_shell` of this system, or the next that exists.
std::string system_shell();

}  // namespace daytona::local::toolbox
