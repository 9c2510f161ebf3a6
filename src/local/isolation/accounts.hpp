#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace daytona::local {

/// What of the base's accounts a sandbox has to know: the system's own whom files of its packages belong to. dpkg installs nothing where one
/// is missing that its overrides name.
struct base_accounts {
  std::string passwd;
  std::string group;
  std::set<std::string> named;
};

/// Those of the machine that dpkg's overrides name, or, of a tree, all.
base_accounts accounts_of(const std::filesystem::path& source);

/// The users and groups that the lines of a file like dpkg's `statoverride` name.
std::set<std::string> accounts_named_by_overrides(const std::string& statoverride);

/// The accounts of a sandbox: what Debian's base system has, those of the base that are named, with their ids, and `daytona`.
std::string passwd_text(const base_accounts& base);
std::string group_text(const base_accounts& base);
std::string shadow_text();
std::string sudoers_text();

}  // namespace daytona::local
