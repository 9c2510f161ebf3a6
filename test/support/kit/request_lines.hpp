#pragma once

namespace daytona::test {

/// How the requests of the usual calls begin, for scripts.
inline constexpr auto create_line = "POST /api/sandbox HTTP/1.1";
inline constexpr auto get_line = "GET /api/sandbox/";
inline constexpr auto find_line = "GET /api/sandbox?";
inline constexpr auto remove_line = "DELETE /api/sandbox/";
inline constexpr auto execute_line = "POST /toolbox/";
/// What answers a command without output.
inline constexpr auto executed = R"({"exitCode":0,"result":"ok"})";

}  // namespace daytona::test
