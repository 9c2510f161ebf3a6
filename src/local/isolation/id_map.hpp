#pragma once

#include <sys/types.h>

#include "local/isolation/sandbox_plan.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

// Throw `setup_failure`.

/// shifted: gives the user namespace of `child` its ids. For the machine's root only.
void write_id_map(pid_t child, const id_map& ids);

/// userns: gives our own new user namespace the one id we may: ours, seen as `daytona` inside.
void write_own_id_map(uid_t uid, gid_t gid);

/// A user namespace with the map of `ids`, to id-map mounts with.
unique_fd make_id_namespace(const id_map& ids);

}  // namespace daytona::local
