#include "local/control/snapshots.hpp"

#include <algorithm>
#include <array>

namespace daytona::local {
namespace {

constexpr std::array snapshots{
    general_snapshot{"00000000-0000-4000-8000-00000000da01", default_snapshot_name, 1, 1, 3},
    general_snapshot{"00000000-0000-4000-8000-00000000da02", "daytona-small", 1, 1, 3},
    general_snapshot{"00000000-0000-4000-8000-00000000da03", "daytona-medium", 2, 4, 8},
    general_snapshot{"00000000-0000-4000-8000-00000000da04", "daytona-large", 4, 8, 10},
};

constexpr std::array<std::string_view, 2> entrypoint{"sleep", "infinity"};

}  // namespace

std::span<const std::string_view> general_entrypoint() { return entrypoint; }

std::span<const general_snapshot> general_snapshots() { return snapshots; }

const general_snapshot* find_snapshot(std::string_view name_or_id) {
  auto found = std::ranges::find(snapshots, name_or_id, &general_snapshot::name);
  if (found == snapshots.end()) found = std::ranges::find(snapshots, name_or_id, &general_snapshot::id);
  return found == snapshots.end() ? nullptr : &*found;
}

void write(model::json_writer& out, const general_snapshot& snapshot, std::string_view made_at) {
  out.begin_object();
  out.member("id", snapshot.id);
  out.member("general", true);
  out.member("name", snapshot.name);
  out.member("imageName", "");
  out.member("state", "active");
  out.key("size");
  out.null();
  out.key("entrypoint");
  out.begin_array();
  for (const auto argument : entrypoint) out.value(argument);
  out.end_array();
  out.member("cpu", snapshot.cpu);
  out.member("gpu", 0);
  out.member("mem", snapshot.memory);
  out.member("disk", snapshot.disk);
  out.key("errorReason");
  out.null();
  out.member("createdAt", made_at);
  out.member("updatedAt", made_at);
  out.key("lastUsedAt");
  out.null();
  out.key("sourceSandboxId");
  out.null();
  out.member("sandboxClass", "container");
  out.end_object();
}

}  // namespace daytona::local
