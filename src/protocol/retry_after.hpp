#pragma once

#include <chrono>
#include <optional>

#include "model/headers.hpp"

namespace daytona::protocol {

/// How long the server asks to wait: `Retry-After` or, of Daytona's `Retry-After-{throttler}`, the longest; in seconds
/// or as an HTTP date counted from `now`. Nothing if there is none that can be read; never negative, at most a day.
std::optional<std::chrono::milliseconds> parse_retry_after(const model::header_list& headers,
                                                           std::chrono::system_clock::time_point now);

}  // namespace daytona::protocol
