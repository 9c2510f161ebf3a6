#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kit/scripted_connector.hpp"
#include "protocol/web_socket_frames.hpp"

namespace daytona::test {

/// Frames of a server: a message, and the goodbye with a code.
std::string text_frame(std::string_view payload);
std::string binary_frame(std::string_view payload);
std::string close_frame(std::uint16_t code, std::string_view reason = {});

/// The answer 101 to `request`, with `frames` behind it.
std::string web_socket_answer(const std::string& request, std::string_view frames);

/// The server's side of an open WebSocket, that follows a script: what the client sends goes to `script::messages`, pings are answered, a goodbye too.
class web_socket_peer {
 public:
  /// What is to be sent for these bytes of the client.
  std::string take(std::string bytes, script& plot);
  /// The client has said goodbye.
  bool is_over() const { return over_; }

 private:
  protocol::web_socket::frame_reader frames_{protocol::web_socket::role::server, 64 * 1024 * 1024};
  std::string message_;
  bool over_ = false;
};

}  // namespace daytona::test
