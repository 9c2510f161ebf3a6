#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "local/http/exchange.hpp"
#include "local/toolbox/session/output_format.hpp"
#include "local/toolbox/session/session_command.hpp"
#include "net/operation.hpp"

namespace daytona::local::toolbox {

/// Answers a request for a command's log with a WebSocket, over which the log goes as it lies there, whatever time its reader takes: up to now, or, if
/// it `follows`, until the command is over. `registry` ends it with the toolbox.
boost::asio::awaitable<void> send_log_over_socket(http::exchange& exchange, std::shared_ptr<session_command> command,
                                                  output_format format, bool follows,
                                                  net::operation_registry& registry);

}  // namespace daytona::local::toolbox
