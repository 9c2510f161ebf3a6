#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local {

/// What sandboxes are made of.
struct base_choice {
  std::filesystem::path source = "/";  ///< `/`, the machine itself, or the root of a Debian tree.
  std::string description;             ///< For people.

  bool is_machine() const { return source == "/"; }
};

/// Reads what was asked for: `host`, or the path of a tree that is fit for this user. Throws `std::invalid_argument` naming what is wrong and the remedy.
base_choice choose_base(const std::string& text);

/// Why a folder is not the root of a Debian tree; empty = it is one.
std::string unfitness_of_tree(const std::filesystem::path& tree);

/// What the default snapshot offers beyond Debian's minimal system.
std::span<const std::string_view> base_packages();

/// Which of them a tree lacks, going by its dpkg.
std::vector<std::string> missing_packages(const std::filesystem::path& tree);

/// The value of a line `NAME=value` or `NAME="value"` of a file like os-release; empty if there is none.
std::string setting_of(const std::filesystem::path& file, std::string_view name);

}  // namespace daytona::local
