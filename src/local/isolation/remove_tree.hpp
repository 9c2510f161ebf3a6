#pragma once

#include <cstddef>
#include <filesystem>

namespace daytona::local {

/// Deletes `path` and all below it without following symbolic links or leaving its file system, opening folders that are closed to their owner.
/// That it does not exist is no failure. Throws `setup_failure`.
void remove_tree(const std::filesystem::path& path);

/// The same in steps: removes up to `most` files, and says whether nothing is left.
bool remove_some(const std::filesystem::path& path, std::size_t most);

}  // namespace daytona::local
