#pragma once

#include <daytona/session.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/log_stream_state.hpp"
#include "client/toolbox_call.hpp"

/// The requests about sessions that more than one operation makes. `operation` is a literal, and what an error names.
namespace daytona::inline v0::detail {

std::string sessions_path();
/// Throws `errc::invalid_argument` if an id is none.
std::string session_path(std::string_view session_id, std::string_view operation);
std::string command_path(std::string_view session_id, std::string_view command_id, std::string_view action,
                         std::string_view operation);

awaitable<void> create_session(std::shared_ptr<sandbox_core> sandbox, std::string session_id,
                               std::string_view operation);
awaitable<void> delete_session(std::shared_ptr<sandbox_core> sandbox, std::string session_id,
                               std::string_view operation, std::optional<std::chrono::nanoseconds> limit);
awaitable<session_execute_response> execute_in_session(std::shared_ptr<sandbox_core> sandbox, std::string session_id,
                                                       session_execute_request command, std::string_view operation,
                                                       std::optional<std::chrono::nanoseconds> limit);
awaitable<void> send_command_input(std::shared_ptr<sandbox_core> sandbox, std::string path, std::string data,
                                   std::string_view operation);

/// A command whose log has ended, at `path`: with its exit code, which servers may know a little later than the end of its log. Absent if this one tells none
/// within `exit_code_patience`, or `deadline`.
inline constexpr std::chrono::seconds exit_code_patience{5};
awaitable<command> ended_command(std::shared_ptr<sandbox_core> sandbox, std::string path, std::string_view operation,
                                 std::optional<net::steady_time> deadline);

}  // namespace daytona::inline v0::detail
