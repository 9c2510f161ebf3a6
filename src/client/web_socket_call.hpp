#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/toolbox_call.hpp"
#include "net/web_socket.hpp"
#include "protocol/arguments.hpp"

namespace daytona::inline v0::detail {

/// Opens a WebSocket to the sandbox's toolbox, under `config::request_timeout`, and before `deadline`.
awaitable<std::shared_ptr<net::web_socket>> open_web_socket(std::shared_ptr<sandbox_core> sandbox, api_request request,
                                                            std::vector<std::string> subprotocols,
                                                            net::web_socket_settings settings,
                                                            std::optional<net::steady_time> deadline = {});

/// The state of a stream's handle; throws `errc::invalid_argument` if the handle is empty. `what` is "this log stream".
template <class State>
const std::shared_ptr<State>& state_of(const std::shared_ptr<State>& state, std::string_view what) {
  protocol::check_argument(state != nullptr, {}, std::string(what) + " is empty; assign one that a sandbox gave");
  return state;
}

/// What `config` says of WebSockets.
net::web_socket_settings web_socket_settings(const config& settings);

/// Throws why the socket has ended, if it was not by a close frame with `close_code::normal`, with what it said. `operation` is a literal.
void throw_if_broken(const net::web_socket_end& end, std::string_view operation, const sandbox_core& sandbox);

}  // namespace daytona::inline v0::detail
