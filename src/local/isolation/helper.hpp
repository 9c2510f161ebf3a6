#pragma once

namespace daytona::local {

/// The host-helper: serves the library at the other end of `control` (SOCK_SEQPACKET) until that end closes; then ends every sandbox. Returns the
/// process's exit status.
int run_host_helper(int control);

}  // namespace daytona::local
