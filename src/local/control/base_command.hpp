#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace daytona::local {

/// Where a tree is made if no place was named: below XDG_DATA_HOME.
std::filesystem::path default_base_path();

/// What mmdebstrap is told for a tree.
struct tree_order {
  std::string suite;                           ///< Of the machine: `bookworm`.
  std::vector<std::string> packages;           ///< Besides `base_packages`; each may be several, with commas.
  std::vector<std::filesystem::path> sources;  ///< The machine's files that name it as apt's source.
  std::filesystem::path settings;  ///< A file with the machine's settings for apt, for the time of the making.
  std::filesystem::path target;    ///< A folder for root, else an archive: it takes ids to make a tree.
  bool root = false;
};

std::vector<std::string> mmdebstrap_command(const tree_order& order);

/// Of the machine's files that say where apt gets packages, those that have some for `suite`.
std::vector<std::filesystem::path> apt_sources(const std::filesystem::path& apt_directory, const std::string& suite);

/// `daytona-local base create`: makes a Debian tree at `path`, or finds that it is there. It is made beside, and renamed once it is whole: an interrupted
/// one is made anew. Throws `std::invalid_argument` for a path that is unfit, `interrupted`, and `std::runtime_error` naming what failed and the remedy.
void create_base(const std::filesystem::path& path, const std::vector<std::string>& packages);

}  // namespace daytona::local
