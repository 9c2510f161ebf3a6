#pragma once

namespace daytona::local {

/// The variable that carries the control plane's wishes, as JSON, to a sandbox's toolbox, which takes it out of its environment.
inline constexpr const char* toolbox_settings_variable = "DAYTONA_TOOLBOX_SETTINGS";

}  // namespace daytona::local
