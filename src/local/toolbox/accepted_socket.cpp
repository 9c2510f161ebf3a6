#include "local/toolbox/accepted_socket.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>
#include <utility>

#include "local/http/patient_writer.hpp"
#include "local/http/web_socket_upgrade.hpp"
#include "net/socket_stream.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

asio::awaitable<std::shared_ptr<net::web_socket>> accept_socket(http::exchange& exchange,
                                                                net::web_socket_settings settings,
                                                                net::operation_registry& registry) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string answer = http::upgrade_answer(exchange.head());
  http::raw_stream taken = exchange.take_stream();
  http::patient_writer writer{taken.write_timeout};
  co_await writer.write(taken.socket, answer);
  settings.own = protocol::web_socket::role::server;
  auto stream = std::make_unique<net::socket_stream>(std::move(taken.socket));
  co_return net::web_socket::start(executor, std::move(stream), taken.left_over, settings, registry, nullptr);
}

}  // namespace daytona::local::toolbox
