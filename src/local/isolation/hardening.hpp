#pragma once

#include <sys/types.h>

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

// What stands behind the user namespace. Called by PID 1 once its mounts are made. All throw `setup_failure`.

/// A session keyring of its own, no core files, no more processes and open files than a sandbox may have.
void restrict_resources();

/// shifted: takes on the user id that a sandbox's namespaces belong to, and the limit of processes that they get by being made under it: it then holds
/// for all of the sandbox's users together. (Root's own namespaces have none.) The caller stays as capable as it was, and goes back by setresuid.
void become_namespace_owner(uid_t owner);

/// Cuts the capabilities that root inside can ever have to those that a Debian userland needs.
void restrict_capabilities();

/// Refuses the system calls of the filter from here on; in userns, also any gain of privileges by exec.
void restrict_system_calls(const system_call_filter& filter, const id_map& ids);

/// Becomes the sandbox's user, keeping only the capability to end any process inside (across the exec of the toolbox).
void become_sandbox_user(const id_map& ids);

}  // namespace daytona::local
