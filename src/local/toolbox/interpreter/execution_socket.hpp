#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "local/http/byte_budget.hpp"
#include "local/http/exchange.hpp"
#include "local/toolbox/interpreter/code_contexts.hpp"

namespace daytona::local::toolbox {

/// Answers with a WebSocket, whose first message is a program; over it goes what that does. The program runs to its end also if its client leaves; a
/// client that reads slowly slows it down.
boost::asio::awaitable<void> execute_over_socket(http::exchange& exchange, std::shared_ptr<code_contexts> all,
                                                 http::budget_ptr bodies);

}  // namespace daytona::local::toolbox
