#pragma once

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

// What stands behind the user namespace. Called by PID 1 once its mounts are made. All throw `setup_failure`.

/// A session keyring of its own, no core files, no more processes than a sandbox may have.
void restrict_resources();

/// Cuts the capabilities that root inside can ever have to those that a Debian userland needs.
void restrict_capabilities();

/// Becomes the sandbox's user, keeping only the capability to end any process inside (across the exec of the toolbox).
void become_sandbox_user(const id_map& ids);

}  // namespace daytona::local
