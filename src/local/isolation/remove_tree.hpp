#pragma once

#include <filesystem>

namespace daytona::local {

/// Deletes `path` and all below it without following symbolic links or leaving its file system, opening folders that are closed to their owner.
/// That it does not exist is no failure. Throws `setup_failure`.
void remove_tree(const std::filesystem::path& path);

}  // namespace daytona::local
