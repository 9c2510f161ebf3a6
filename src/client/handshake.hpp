#pragma once

#include <string>
#include <string_view>

#include "client/attempt.hpp"
#include "net/connection_pool.hpp"

namespace daytona::inline v0::detail {

/// The fields of a request that ask for a WebSocket.
void append_upgrade(std::string& head, const upgrade& wanted, std::string_view key);

std::string new_web_socket_key();

/// Takes the connection over if the server agreed to a WebSocket; says what is wrong if it did not, though it answered with success. `excess` came behind the
/// answer.
void note_upgrade(attempt& result, upgrade& wanted, net::connection_pool::lease& lease, std::string excess);

}  // namespace daytona::inline v0::detail
