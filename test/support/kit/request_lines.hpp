#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "kit/scripted_connector.hpp"

namespace daytona::test {

/// How the requests of the usual calls begin, for scripts.
inline constexpr auto create_line = "POST /api/sandbox HTTP/1.1";
inline constexpr auto get_line = "GET /api/sandbox/";
inline constexpr auto find_line = "GET /api/sandbox?";
inline constexpr auto remove_line = "DELETE /api/sandbox/";
inline constexpr auto execute_line = "POST /toolbox/";
/// How many of the requests began like this.
inline std::size_t count(const script& plot, std::string_view beginning) {
  const auto begins = [&](const std::string& request) { return request.starts_with(beginning); };
  return static_cast<std::size_t>(std::count_if(plot.requests.begin(), plot.requests.end(), begins));
}
inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
/// What answers a command without output.
inline constexpr auto executed = R"({"exitCode":0,"result":"ok"})";

}  // namespace daytona::test
