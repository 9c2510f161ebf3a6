#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/http_response.hpp"

namespace daytona::protocol::web_socket {

/// The `Sec-WebSocket-Key` that 16 random bytes make.
std::string handshake_key(const std::array<unsigned char, 16>& random);

/// The `Sec-WebSocket-Accept` that answers `key` (RFC 6455, section 4.2.2).
std::string accept_of(std::string_view key);

/// Whether a field's list of values, such as `Connection: keep-alive, Upgrade`, has `token`, in any case.
bool has_token(std::string_view list, std::string_view token) noexcept;

/// What is wrong with `answer`, whose status is 101, as the answer to a handshake with `key` that offered `subprotocols`; empty if nothing is. A server that
/// echoes none of them is accepted.
std::string_view wrong_in_upgrade(const http_response& answer, std::string_view key,
                                  std::span<const std::string> subprotocols);

}  // namespace daytona::protocol::web_socket
