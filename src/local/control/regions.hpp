#pragma once

#include <span>
#include <string_view>

namespace daytona::local {

/// The regions by whose names existing programs ask for a place; here all are this machine. The first is the default.
std::span<const std::string_view> region_names();
bool is_region(std::string_view name_or_id);

}  // namespace daytona::local
