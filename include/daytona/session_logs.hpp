#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// Which of a command's outputs bytes belong to.
enum class log_source { stdout_, stderr_ };
DAYTONA_API std::string_view to_string(log_source source) noexcept;

/// Bytes that a command wrote, in the order in which they came. They may end within a line or a character: `text_decoder` makes text of them.
struct DAYTONA_API log_chunk {
  log_chunk();
  log_source source = log_source::stdout_;
  std::string bytes;
};

/// What a session command has written.
struct DAYTONA_API session_command_logs {
  session_command_logs();
  std::string
      output;  ///< As the server keeps it: each line behind a marker, `01 01 01` for standard output, `02 02 02` for standard error.
  std::string stdout_;  ///< Standard output, without markers.
  std::string stderr_;  ///< Standard error, without markers.
};

/// Standard output and standard error of a log with markers. Bytes before the first marker count as standard output; a marker within a command's own
/// output can't be told apart.
DAYTONA_API std::pair<std::string, std::string> demux_log(std::string_view bytes);

/// A log with markers and its two parts, as `demux_log` takes them apart.
DAYTONA_API session_command_logs parse_session_command_logs(std::string_view bytes);

}  // namespace daytona::inline v0
