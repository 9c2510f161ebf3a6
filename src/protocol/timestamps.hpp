#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace daytona::protocol {

using utc_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// `2026-01-02T03:04:05.678Z`.
std::string format_timestamp(utc_time time);

/// Reads RFC 3339 with `Z`, `±HH:MM` or `±HHMM`; without an offset it is UTC. Digits beyond milliseconds are cut off.
std::optional<utc_time> parse_timestamp(std::string_view text);

/// Reads an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace daytona::protocol
