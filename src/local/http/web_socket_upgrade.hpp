#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "local/http/message.hpp"

namespace daytona::local::http {

/// Why a request can't become a WebSocket, as its answer: 400, or 426 if it asks for no such upgrade. Nothing if it can (RFC 6455, section 4.2.1).
std::optional<response> refusal_of_upgrade(const request_head& head);

/// The one of the offered subprotocols that is echoed: that which tells the SDK's version, else the first that carries no environment, which may be
/// secret, if there is any. Empty if none was offered.
std::string_view chosen_subprotocol(const request_head& head);

/// The `101` for a request that can become one. It has the fields that the protocol asks for, and no other.
std::string upgrade_answer(const request_head& head);

/// What answers a `Sec-WebSocket-Key`.
std::string web_socket_accept(std::string_view key);

}  // namespace daytona::local::http
