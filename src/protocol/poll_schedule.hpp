#pragma once

#include <chrono>
#include <cstddef>

namespace daytona::protocol {

/// How long to wait before poll `round` (counts from 0): 100 ms, a tenth longer each time, at most 1 s. All waits of a
/// client share 100 polls a second: with more of them each polls more seldom. `jitter` in [0, 1] spreads the polls by a
/// tenth either way, so that waits that began together do not stay together.
std::chrono::milliseconds poll_pause(unsigned round, std::size_t waits, double jitter);

/// `pause`, or less if the wait ends before it is over: half of what remains, so that the last look comes shortly before
/// the end, but never less than 100 ms.
std::chrono::milliseconds pause_before_end(std::chrono::milliseconds pause, std::chrono::nanoseconds remaining);

}  // namespace daytona::protocol
