#include "local/control/toolbox_settings.hpp"

#include <fmt/format.h>

#include "model/json_writer.hpp"

namespace daytona::local {

std::string toolbox_settings(const server_options& options, std::span<const std::string_view> entrypoint) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.key("entrypoint");
  out.begin_array();
  for (const auto argument : entrypoint) out.value(argument);
  out.end_array();
  out.member("maxContexts", static_cast<std::int64_t>(options.max_contexts));
  out.member("maxSessions", static_cast<std::int64_t>(options.max_sessions));
  out.member("maxLogSize", static_cast<std::int64_t>(options.max_log_size));
  out.member("maxLogsSize", static_cast<std::int64_t>(options.max_logs_size));
  out.member("maxPtys", static_cast<std::int64_t>(options.max_ptys));
  out.member("maxPtyClients", static_cast<std::int64_t>(options.max_pty_clients));
  out.member("maxPtyBuffer", static_cast<std::int64_t>(options.max_pty_buffer));
  out.end_object();
  return text;
}

std::string interpreter_limits_description(const server_options& options) {
  return fmt::format("{} interpreter contexts in a sandbox besides the default one", options.max_contexts);
}

std::string session_limits_description(const server_options& options) {
  return fmt::format("{} sessions in a sandbox, {} bytes of a command's log, {} of all logs of a sandbox",
                     options.max_sessions, options.max_log_size, options.max_logs_size);
}

std::string pty_limits_description(const server_options& options) {
  return fmt::format("{} PTYs in a sandbox, each with {} clients and {} bytes that wait for one of them",
                     options.max_ptys, options.max_pty_clients, options.max_pty_buffer);
}

}  // namespace daytona::local
