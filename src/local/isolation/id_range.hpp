#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace daytona::local {

/// Ids that belong to someone: `first` to `first + count - 1`.
struct id_range {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

inline constexpr std::uint32_t ids_per_sandbox = 65536;

/// The ranges of a file in the form of /etc/subuid (`name:first:count`); lines that are not are skipped.
std::vector<id_range> parse_subordinate_ids(std::string_view text);

/// The ids of the accounts of a file in the form of /etc/passwd or /etc/group (third field).
std::vector<id_range> parse_account_ids(std::string_view text);

/// The first of 65536 ids that nobody in `taken` has; 0 if there are none.
std::uint32_t free_id_base(const std::vector<id_range>& taken);

/// The first id of the sandboxes of `data_directory`: the one recorded there, else a free one that is recorded now, since the layers' files carry it.
/// Throws `setup_failure`.
std::uint32_t recorded_id_base(const std::filesystem::path& data_directory);

}  // namespace daytona::local
