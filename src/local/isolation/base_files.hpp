#pragma once

#include <string>

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

/// The text of a sandbox's /etc/hosts.
std::string hosts_text(const std::string& host_name);

/// The lines of a configuration file that hold no password, token or user of a server.
std::string without_credentials(const std::string& text);

/// Writes the layers that every sandbox has above the folders of `base.source`, anew: an /etc with nothing of the machine's secrets, accounts
/// or environment in it, and for /usr a `python` and no EXTERNALLY-MANAGED marker. Throws `setup_failure`.
void write_base(const base_layers& base, const id_map& ids);

}  // namespace daytona::local
