#include <daytona/session_logs.hpp>

#include "protocol/log_demux.hpp"

namespace daytona::inline v0 {

std::string_view to_string(log_source source) noexcept { return source == log_source::stdout_ ? "stdout" : "stderr"; }

log_chunk::log_chunk() = default;

session_command_logs::session_command_logs() = default;

std::pair<std::string, std::string> demux_log(std::string_view bytes) {
  std::pair<std::string, std::string> parts;
  protocol::log_demux demux;
  std::string piece;
  const auto keep = [&](std::optional<log_source> source) {
    if (source) (*source == log_source::stdout_ ? parts.first : parts.second).append(piece);
    piece.clear();
  };
  while (!bytes.empty()) keep(demux.next(bytes, piece));
  keep(demux.finish(piece));
  return parts;
}

session_command_logs parse_session_command_logs(std::string_view bytes) {
  session_command_logs logs;
  logs.output = bytes;
  auto [out, err] = demux_log(bytes);
  logs.stdout_ = std::move(out);
  logs.stderr_ = std::move(err);
  return logs;
}

}  // namespace daytona::inline v0
