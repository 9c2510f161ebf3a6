#pragma once

#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// The last part of a path: `.` of an empty one, `/` of one that is slashes alone.
std::string_view last_part(std::string_view path);
/// `path` from the root on, without `.`, `..` and slashes too many.
std::string full_path(std::string_view path);
/// The path of `name` in the folder at `path`.
std::string path_in(std::string_view path, std::string_view name);
/// The folder that the last part of `path` is in, with a slash at the end unless it is `.`.
std::string folder_above(std::string_view path);
/// `path` without the slashes at its end, but for that of the root.
std::string_view without_slashes(std::string_view path);

}  // namespace daytona::local::toolbox
