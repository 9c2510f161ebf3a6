#pragma once

#include <string>

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

/// The accounts of a sandbox: what Debian's base system has, and `daytona`. `apt_uid` is the machine's own `_apt`, whose files apt's folders hold.
std::string passwd_text(std::uint32_t apt_uid);
std::string group_text();
std::string shadow_text();
std::string sudoers_text();
std::string hosts_text(const std::string& host_name);

/// Writes the layers that every sandbox has above the machine's own folders, anew, into `base`: an /etc with nothing of the machine's secrets, accounts
/// or environment in it, and for /usr a `python` and no EXTERNALLY-MANAGED marker. Throws `setup_failure`.
void write_base(const base_layers& base, const id_map& ids);

}  // namespace daytona::local
