#pragma once

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

// How a sandbox's file system comes about, in the order of use. The helper's own namespace first, then a child of it that still has the machine's
// mounts, then PID 1 itself. All throw `setup_failure`.
//
// A sandbox's folder holds `root` (all that is no overlay: /home, /tmp, /root, /var, what is made at the top), `upper/NAME` (what was changed in the
// base's folders) and `work/NAME`.

/// shifted: makes id-mapped views of the base's folders, once, below `base.staging` in the helper's own mount namespace.
void stage_base_folders(const base_layers& base, const id_map& ids);

/// Makes what is missing of the sandbox's folder.
void make_sandbox_folder(const sandbox_plan& plan);

/// Mounts the sandbox's root at `directory`/root, in the child's own mount namespace, and makes it the working folder.
void mount_root(const sandbox_plan& plan);

/// As PID 1, in that working folder: adds /dev, /proc, /run and /sys, and makes the root the only file system there is.
void enter_root(const sandbox_plan& plan);

}  // namespace daytona::local
