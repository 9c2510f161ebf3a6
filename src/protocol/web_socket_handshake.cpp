#include "protocol/web_socket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "model/base64.hpp"
#include "model/headers.hpp"

namespace daytona::protocol::web_socket {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

}  // namespace

std::string handshake_key(const std::array<unsigned char, 16>& random) {
  return model::encode_base64({reinterpret_cast<const char*>(random.data()), random.size()});
}

std::string accept_of(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return model::encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool has_token(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (model::equal_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::string_view wrong_in_upgrade(const http_response& answer, std::string_view key,
                                  std::span<const std::string> subprotocols) {
  const auto& fields = answer.fields;
  if (!model::equal_ignoring_case(trimmed(fields.find("Upgrade").value_or("")), "websocket"))
    return "it upgrades to no WebSocket";
  if (!has_token(fields.find("Connection").value_or(""), "upgrade")) return "its Connection field has no 'upgrade'";
  if (trimmed(fields.find("Sec-WebSocket-Accept").value_or("")) != accept_of(key))
    return "its Sec-WebSocket-Accept is not that of the key";
  if (fields.find("Sec-WebSocket-Extensions")) return "it chose an extension, though none was offered";
  const auto chosen = fields.find("Sec-WebSocket-Protocol");
  if (chosen && std::find(subprotocols.begin(), subprotocols.end(), trimmed(*chosen)) == subprotocols.end())
    return "it chose a subprotocol that was not offered";
  return {};
}

}  // namespace daytona::protocol::web_socket
