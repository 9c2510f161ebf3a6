#pragma once

#include <sys/types.h>

#include <vector>

namespace daytona::local {

/// The processes whose parent is this process, adopted ones too, zombies included.
std::vector<pid_t> children_of_this_process();

/// Ends every process below this one, which adopts what its children leave behind (PR_SET_CHILD_SUBREAPER), and waits until the last is gone.
void end_all_children();

}  // namespace daytona::local
