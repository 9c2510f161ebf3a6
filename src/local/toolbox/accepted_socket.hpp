#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "local/http/exchange.hpp"
#include "local/toolbox/change.hpp"
#include "net/operation.hpp"
#include "net/web_socket.hpp"

namespace daytona::local::toolbox {

/// A WebSocket that is let go with its handler, however that ends.
struct held_socket {
  explicit held_socket(std::shared_ptr<net::web_socket> held) : socket{std::move(held)} {}
  ~held_socket() { socket->abandon(); }
  held_socket(const held_socket&) = delete;
  held_socket& operator=(const held_socket&) = delete;
  std::shared_ptr<net::web_socket> socket;
};

/// True if the request asks for no WebSocket, or for one that there can't be: then it has been answered.
boost::asio::awaitable<bool> refuse_without_upgrade(http::exchange& exchange);

/// Makes a WebSocket of a request that was not refused. `registry` ends it with the toolbox.
boost::asio::awaitable<std::shared_ptr<net::web_socket>> accept_socket(http::exchange& exchange,
                                                                       net::web_socket_settings settings,
                                                                       net::operation_registry& registry);

/// How long a client may take nothing; absent = for ever.
using patience = std::optional<std::chrono::nanoseconds>;

/// False if the client is gone, or took nothing for too long.
boost::asio::awaitable<bool> send_message(std::shared_ptr<net::web_socket> socket, protocol::web_socket::opcode kind,
                                          std::string bytes, patience limit);

/// What else clients send is for nobody, but it is read from now on, so that their pings are answered and their end is seen: then `seen` is told.
void drop_what_comes(const boost::asio::any_io_executor& executor, const std::shared_ptr<net::web_socket>& socket,
                     std::shared_ptr<change> seen);

boost::asio::awaitable<void> say_goodbye(std::shared_ptr<net::web_socket> socket, std::uint16_t code,
                                         std::string reason, patience limit);

}  // namespace daytona::local::toolbox
