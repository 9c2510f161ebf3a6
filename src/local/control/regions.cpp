#include "local/control/regions.hpp"

#include <algorithm>
#include <array>

namespace daytona::local {
namespace {

constexpr std::array<std::string_view, 3> names{"us", "eu", "local"};

}  // namespace

std::span<const std::string_view> region_names() { return names; }

bool is_region(std::string_view name_or_id) { return std::ranges::find(names, name_or_id) != names.end(); }

}  // namespace daytona::local
