#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/json_writer.hpp"

namespace daytona::local {

/// A snapshot that sandboxes can be made of.
struct general_snapshot {
  std::string_view id;
  std::string_view name;
  int cpu;     ///< vCPUs
  int memory;  ///< GiB
  int disk;    ///< GiB
};

/// The snapshots that every organization has. All have the same content, the base of this backend.
std::span<const general_snapshot> general_snapshots();
inline constexpr std::string_view default_snapshot_name = "default";
/// What runs in their sandboxes from the start on.
std::span<const std::string_view> general_entrypoint();

const general_snapshot* find_snapshot(std::string_view name_or_id);

void write(model::json_writer& out, const general_snapshot& snapshot, std::string_view made_at);

}  // namespace daytona::local
