#pragma once

#include <daytona/file_info.hpp>

#include <memory>
#include <string>
#include <vector>

#include "client/toolbox_call.hpp"

namespace daytona::inline v0::detail {

inline constexpr std::string_view list_files_operation = "list files";

/// What is in the folder `path`, `depth` levels of it. A server that knows one level alone is asked for each folder.
awaitable<std::vector<file_info>> list_levels(std::shared_ptr<sandbox_core> sandbox, std::string path, int depth);

}  // namespace daytona::inline v0::detail
