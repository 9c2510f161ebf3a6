#include "kit/web_socket_peer.hpp"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <utility>

#include "protocol/web_socket_handshake.hpp"

namespace daytona::test {

namespace ws = protocol::web_socket;

namespace {

std::string frame(ws::opcode kind, std::string_view payload) {
  std::string bytes;
  ws::append_frame(bytes, kind, payload, std::nullopt);
  return bytes;
}

std::string_view field_of(std::string_view request, std::string_view name) {
  const auto at = request.find(fmt::format("\r\n{}: ", name));
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size() + 4;
  return request.substr(begin, request.find('\r', begin) - begin);
}

}  // namespace

std::string text_frame(std::string_view payload) { return frame(ws::opcode::text, payload); }
std::string binary_frame(std::string_view payload) { return frame(ws::opcode::binary, payload); }
std::string close_frame(std::uint16_t code, std::string_view reason) {
  return frame(ws::opcode::close, ws::close_payload(code, reason));
}

std::string web_socket_answer(const std::string& request, std::string_view frames) {
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
      "{}\r\n\r\n{}",
      ws::accept_of(field_of(request, "Sec-WebSocket-Key")), frames);
}

std::string web_socket_peer::take(std::string bytes, script& plot) {
  std::string answer;
  std::span<char> rest{bytes};
  std::optional<ws::violation> wrong;
  while (!over_) {
    const auto piece = frames_.next(rest, wrong);
    if (!piece) break;
    if (piece->kind == ws::opcode::ping && plot.answers_pings) answer += frame(ws::opcode::pong, piece->bytes);
    if (piece->kind == ws::opcode::ping && plot.on_ping) answer += plot.on_ping();
    if (piece->kind == ws::opcode::close) {
      answer += frame(ws::opcode::close, piece->bytes);
      over_ = true;
    }
    if (piece->kind >= ws::opcode::close) continue;
    message_ += piece->bytes;
    if (!piece->ends_message) continue;
    plot.messages.push_back(std::exchange(message_, {}));
    if (plot.on_message) answer += plot.on_message(plot.messages.back());
  }
  if (wrong) plot.problems.push_back(fmt::format("the client sent {}", wrong->what));
  return answer;
}

}  // namespace daytona::test
