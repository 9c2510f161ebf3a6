#include "client/handshake.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <utility>

#include "protocol/web_socket_handshake.hpp"

namespace daytona::inline v0::detail {

void append_upgrade(std::string& head, const upgrade& wanted, std::string_view key) {
  head.append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
      .append(key);
  head.append("\r\n");
  for (std::string_view before = "Sec-WebSocket-Protocol: "; const auto& one : wanted.subprotocols) {
    head.append(before).append(one);
    before = ", ";
  }
  if (!wanted.subprotocols.empty()) head.append("\r\n");
}

std::string new_web_socket_key() {
  std::array<unsigned char, 16> random{};
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  return protocol::web_socket::handshake_key(random);
}

void note_upgrade(attempt& result, upgrade& wanted, net::connection_pool::lease& lease, std::string excess) {
  const auto& answer = result.reader.response();
  if (answer.status >= 200 && answer.status < 300) {
    result.failure = errc::protocol_violation;
    result.what = fmt::format("the server answered {} instead of opening a WebSocket", answer.status);
  } else if (answer.status == 101) {
    const auto wrong = protocol::web_socket::wrong_in_upgrade(answer, result.web_socket_key, wanted.subprotocols);
    if (wrong.empty()) {
      wanted.io = lease.detach();
      wanted.excess = std::move(excess);
      return;
    }
    result.failure = errc::protocol_violation;
    result.what = fmt::format("the server's answer opens no WebSocket: {}", wrong);
  }
}

}  // namespace daytona::inline v0::detail
