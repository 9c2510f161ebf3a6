#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace daytona::local {

// All throw `setup_failure`.

/// `what` names it in the failure.
void mount_or_fail(const char* source, const std::filesystem::path& target, const char* type, unsigned long flags,
                   const std::string& data, const std::string& what);

void bind(const std::filesystem::path& source, const std::filesystem::path& target);

/// Adds MOUNT_ATTR_… to a mount.
void set_attributes(const std::filesystem::path& target, std::uint64_t attributes);

}  // namespace daytona::local
