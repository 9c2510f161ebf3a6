#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "local/http/exchange.hpp"
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

/// Makes a WebSocket of a request that `http::refusal_of_upgrade` has nothing against. `registry` ends it with the toolbox.
boost::asio::awaitable<std::shared_ptr<net::web_socket>> accept_socket(http::exchange& exchange,
                                                                       net::web_socket_settings settings,
                                                                       net::operation_registry& registry);

}  // namespace daytona::local::toolbox
