#pragma once

#include <string_view>

namespace daytona::inline v0 {

/// This library's version.
inline constexpr std::string_view version = "0.1.0";
/// The level of Daytona's API that this library implements, sent as `X-Daytona-SDK-Version`: servers choose output formats by it.
inline constexpr std::string_view api_level = "0.226.1";

}  // namespace daytona::inline v0
