#pragma once

#include <array>
#include <optional>
#include <string>

#include "local/http/message.hpp"

namespace daytona::local::toolbox {

/// How a client wants the two outputs of a command to be told apart; what its SDK could read when it was made.
enum class output_format {
  combined,  ///< Not at all.
  raw,       ///< By the markers of the log.
  split,     ///< By the markers, and as two texts beside.
};

/// What a request says of its client's SDK: in a field, or in the subprotocol of a WebSocket's handshake.
struct client_version {
  std::string text;  ///< Empty = nothing.
  std::optional<std::array<unsigned, 3>>
      number;  ///< Without what follows the patch number: `0.167.0a1` counts as 0.167.0.
};
client_version client_version_of(const http::header_fields& headers);

output_format output_format_of(const http::header_fields& headers);
/// The same for logs that are never combined.
output_format separate_output_format_of(const http::header_fields& headers);

/// Whether the client is of the time when sessions began in the home directory.
bool begins_sessions_at_home(const http::header_fields& headers);

}  // namespace daytona::local::toolbox
