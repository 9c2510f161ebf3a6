#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/websocket.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "local/isolation/toolbox_channel.hpp"

namespace daytona::local::test {

namespace asio = boost::asio;

struct unix_socket : asio::local::stream_protocol::socket {
  explicit unix_socket(asio::local::stream_protocol::socket socket)
      : asio::local::stream_protocol::socket{std::move(socket)} {}
};

[[maybe_unused]] inline void teardown(boost::beast::role_type, unix_socket& socket, boost::beast::error_code& error) {
  socket.close(error);
}

template <class Handler>
void async_teardown(boost::beast::role_type, unix_socket& socket, Handler&& handler) {
  boost::beast::error_code error;
  socket.close(error);
  asio::post(socket.get_executor(),
             [done = std::forward<Handler>(handler), error]() mutable { std::move(done)(error); });
}

/// Another's WebSocket to a toolbox.
using web_socket = boost::beast::websocket::stream<unix_socket>;

/// What came over a socket, and how it ended.
struct followed {
  std::string bytes;
  unsigned close_code = 0;
  std::size_t longest = 0;
};

asio::awaitable<std::shared_ptr<web_socket>> open_web_socket(toolbox_channel channel, std::string target,
                                                             std::string version = "0.226.1");
asio::awaitable<followed> read_to_close(std::shared_ptr<web_socket> socket);

}  // namespace daytona::local::test
