#pragma once

#include <cstdint>

namespace daytona::local::toolbox {

/// Where the toolbox finds what the host-helper left it.
inline constexpr int channel_descriptor = 3;
inline constexpr int lifeline_descriptor = 4;

/// The daemon inside a sandbox, its PID 1: serves HTTP on the connections that come over the channel, hands out those that want to leave the sandbox,
/// and reaps. Ends with the channel, with the helper, or when told to by SIGTERM. `plain` = there are no namespaces: its end does not take the other
/// processes along by itself, nothing has to be handed out, and memory is not watched. `memory_limit` in bytes, 0 = none. Returns the exit status.
int run_daemon(bool plain, std::uint64_t memory_limit);

}  // namespace daytona::local::toolbox
