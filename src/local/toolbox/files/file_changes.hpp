#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// A mode as requests have it, octal digits alone; only the nine bits of permissions count. Absent if it is none.
std::optional<mode_t> parse_mode(std::string_view text);

/// Makes the folder, and those above it that are missing, all with `mode` as far as the umask lets them. That it is there already is no failure.
/// `errno` of the first that failed, whose path is in `failed`; else 0.
int make_folders(const std::string& path, mode_t mode, std::string& failed);

/// What a permissions request changes of a file; what is empty or absent stays.
struct permission_changes {
  std::optional<mode_t> mode;
  std::string owner;  ///< A name or a number.
  std::string group;  ///< The same.
};
/// Throws `http_error`.
void change_permissions(const std::string& path, const permission_changes& changes);

/// The id of the account `name` in the text of /etc/passwd or /etc/group. A number is itself.
std::optional<unsigned> account_id(std::string_view accounts, std::string_view name);

}  // namespace daytona::local::toolbox
