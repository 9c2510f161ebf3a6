#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// Where a sandbox is in its life. `unrecognized` = a state this library does not know; `sandbox::state_text()` has its name.
enum class sandbox_state {
  creating,
  restoring,
  destroyed,
  destroying,
  started,
  stopped,
  starting,
  stopping,
  error,
  build_failed,
  pending_build,
  building_snapshot,
  unknown,  ///< The server's own word for "not known yet".
  pulling_snapshot,
  archived,
  archiving,
  resizing,
  snapshotting,
  forking,
  pausing,
  paused,
  resuming,
  unrecognized,
};
DAYTONA_API std::string_view to_string(sandbox_state state) noexcept;

/// How a declarative image was built.
struct DAYTONA_API build_info {
  build_info();
  std::string dockerfile_content;
  std::vector<std::string> context_hashes;
  std::string snapshot_ref;
  std::string created_at;
  std::string updated_at;
};

}  // namespace daytona::inline v0
