#pragma once

#include <set>
#include <string>

namespace daytona::local {

/// What of the machine's accounts a sandbox has to know: the system's own whom files of the machine's packages belong to. dpkg installs nothing where one
/// is missing that its overrides name.
struct machine_accounts {
  std::string passwd;
  std::string group;
  std::set<std::string> named;
};

machine_accounts accounts_of_machine();

/// The users and groups that the lines of a file like dpkg's `statoverride` name.
std::set<std::string> accounts_named_by_overrides(const std::string& statoverride);

/// The accounts of a sandbox: what Debian's base system has, those of the machine that are named, with their ids, and `daytona`.
std::string passwd_text(const machine_accounts& machine);
std::string group_text(const machine_accounts& machine);
std::string shadow_text();
std::string sudoers_text();

}  // namespace daytona::local
