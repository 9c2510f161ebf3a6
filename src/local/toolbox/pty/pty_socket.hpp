#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

#include "local/http/exchange.hpp"
#include "local/toolbox/pty/pty.hpp"
#include "net/operation.hpp"

namespace daytona::local::toolbox {

/// Answers a request that can become a WebSocket with one to `terminal`, until that or the client has ended. `registry` ends it with the toolbox.
boost::asio::awaitable<void> connect_to_pty(http::exchange& exchange, std::shared_ptr<pty> terminal,
                                            net::operation_registry& registry);

/// The same, if there is nothing to connect to: says why, and hangs up.
boost::asio::awaitable<void> refuse_to_connect(http::exchange& exchange, std::string why);

}  // namespace daytona::local::toolbox
