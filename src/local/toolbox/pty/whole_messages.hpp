#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/web_socket.hpp"

namespace daytona::local::toolbox {

/// Takes whole messages out of what has come; the rest stays in `begun`.
inline std::vector<std::string> whole_messages(const net::web_socket_inbox& inbox, std::string& begun) {
  std::vector<std::string> messages;
  std::string_view rest{inbox.bytes};
  for (const auto& segment : inbox.segments) {
    begun.append(rest.substr(0, segment.size));
    rest.remove_prefix(segment.size);
    if (segment.ends_message) messages.push_back(std::exchange(begun, {}));
  }
  return messages;
}

}  // namespace daytona::local::toolbox
