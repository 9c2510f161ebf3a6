#include "local/http/web_socket_upgrade.hpp"

#include <sha1.h>

#include <array>

#include "model/base64.hpp"

namespace daytona::local::http {

namespace {

constexpr std::size_t key_size = 16;
constexpr std::string_view protocol_version = "13";
constexpr std::string_view version_subprotocol = "X-Daytona-SDK-Version~";
constexpr std::string_view environment_subprotocol = "X-Daytona-Pty-Envs~";

bool is_key(std::string_view text) {
  const auto bytes = model::decode_base64(text);
  return bytes && bytes->size() == key_size && text.size() == 24;
}

response refusal(unsigned status, std::string_view text) {
  response refused{status, std::string{text} + "\n", "text/plain; charset=utf-8"};
  refused.headers.set("Sec-WebSocket-Version", protocol_version);
  if (status == 426) refused.headers.set("Upgrade", "websocket");
  return refused;
}

}  // namespace

std::optional<response> refusal_of_upgrade(const request_head& head) {
  constexpr std::string_view bad = "Bad Request";
  const auto& headers = head.headers;
  if (head.version < 11 || head.has_body() || !headers.has_token("Connection", "upgrade")) return refusal(400, bad);
  if (!headers.has_token("Upgrade", "websocket")) return refusal(426, "Upgrade Required");
  if (!headers.has_token("Sec-WebSocket-Version", protocol_version)) return refusal(400, bad);
  if (!is_key(headers.get("Sec-WebSocket-Key"))) return refusal(400, bad);
  return std::nullopt;
}

std::string_view chosen_subprotocol(const request_head& head) {
  const auto offered = head.headers.tokens("Sec-WebSocket-Protocol");
  for (const auto each : offered)
    if (each.starts_with(version_subprotocol)) return each;
  for (const auto each : offered)
    if (!each.starts_with(environment_subprotocol)) return each;
  return offered.empty() ? std::string_view{} : offered.front();
}

std::string upgrade_answer(const request_head& head) {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  text += "Sec-WebSocket-Accept: " + web_socket_accept(head.headers.get("Sec-WebSocket-Key")) + "\r\n";
  if (const auto chosen = chosen_subprotocol(head); !chosen.empty())
    text.append("Sec-WebSocket-Protocol: ").append(chosen).append("\r\n");
  return text + "\r\n";
}

std::string web_socket_accept(std::string_view key) {
  const auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  SHA1_CTX context;
  ::SHA1Init(&context);
  ::SHA1Update(&context, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  std::array<std::uint8_t, SHA1_DIGEST_LENGTH> digest{};
  ::SHA1Final(digest.data(), &context);
  return model::encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace daytona::local::http
