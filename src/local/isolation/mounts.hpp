#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

// What is mounted, and what it is mounted on, is held by descriptors: a path is followed once, before any mount could cover it, and what a sandbox
// left on a path of its own is never followed. All throw `setup_failure`.

/// A folder, file or device of the machine.
unique_fd open_machine(const std::filesystem::path& path);

/// What `path` leads to below `root`, a sandbox's, by folders alone: whoever was inside may have left links. Empty if there is no such thing.
unique_fd find_inside(int root, const std::string& path);

/// The folder at `path` below `root`, likewise. Where there is none any more it throws what to tell the sandbox's owner.
unique_fd open_inside(int root, const std::string& path);

/// A path to `descriptor` for what takes paths only.
std::string path_to(const unique_fd& descriptor);

/// A second mount of what `source` holds, restricted by MOUNT_ATTR_…, and attached to nothing yet. `what` names it in the failure.
unique_fd view_of(const unique_fd& source, std::uint64_t attributes, const std::string& what);

/// The same of the working folder, with all that is mounted below it.
unique_fd view_of_working_folder();

/// Mounts a view on `target`.
void attach(const unique_fd& view, const unique_fd& target, const std::string& what);

/// Mounts a file system on `target`.
void mount_or_fail(const char* source, const unique_fd& target, const char* type, unsigned long flags,
                   const std::string& data, const std::string& what);

}  // namespace daytona::local
