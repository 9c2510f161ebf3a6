#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "model/json_writer.hpp"

namespace daytona::local::toolbox {

/// What is told of a file. Of a link it is what is told of its target.
struct file_details {
  std::string name;  ///< The last part of `path`, as it was asked for.
  std::string path;  ///< From the root on.
  struct stat status{};
};

/// `status` is what the system says of `path`.
file_details details_of(std::string_view path, const struct stat& status);
void write(model::json_writer& out, const file_details& file);

/// Letters for what it is and for its special bits, and those of who may do what: `drwxr-xr-x`, `ugrwxr-xr-x`.
std::string mode_text(mode_t mode);
/// `2025-03-04T05:06:07.089123456Z`; a fraction ends with another digit than 0.
std::string modified_at_text(const timespec& time);
/// `2025-03-04 05:06:07.089123456 +0000 UTC`, the same.
std::string modification_time_text(const timespec& time);

}  // namespace daytona::local::toolbox
