#include "beast_client.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <algorithm>

namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace daytona::local::test {

asio::awaitable<std::shared_ptr<web_socket>> open_web_socket(toolbox_channel channel, std::string target,
                                                             std::string version) {
  auto connection = co_await channel.connect();
  auto socket = std::make_shared<web_socket>(unix_socket{std::move(connection)});
  auto decorate = [version](websocket::request_type& request) { request.set("X-Daytona-SDK-Version", version); };
  socket->set_option(websocket::stream_base::decorator(decorate));
  socket->read_message_max(0);
  co_await socket->async_handshake("toolbox", target, asio::use_awaitable);
  co_return socket;
}

asio::awaitable<followed> read_to_close(std::shared_ptr<web_socket> socket) {
  followed all;
  beast::error_code error;
  for (;;) {
    beast::flat_buffer message;
    co_await socket->async_read(message, asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    all.bytes += beast::buffers_to_string(message.data());
    all.longest = std::max(all.longest, message.size());
  }
  if (error == websocket::error::closed) all.close_code = socket->reason().code;
  co_return all;
}

}  // namespace daytona::local::test
