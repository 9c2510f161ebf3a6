#pragma once

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

/// As PID 1, with `root`, the sandbox's, as the working folder: mounts its /dev, /proc, /sys and /run. Throws `setup_failure`.
void make_system_folders(int root, const sandbox_plan& plan);

}  // namespace daytona::local
