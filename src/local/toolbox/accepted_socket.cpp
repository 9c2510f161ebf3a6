#include "local/toolbox/accepted_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <utility>

#include "local/http/patient_writer.hpp"
#include "local/http/web_socket_upgrade.hpp"
#include "net/socket_stream.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

asio::awaitable<bool> refuse_without_upgrade(http::exchange& exchange) {
  auto refusal = http::refusal_of_upgrade(exchange.head());
  if (refusal) co_await exchange.respond(std::move(*refusal));
  co_return refusal.has_value();
}

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

asio::awaitable<bool> send_message(std::shared_ptr<net::web_socket> socket, protocol::web_socket::opcode kind,
                                   std::string bytes, patience limit) {
  const auto op = co_await net::begin_operation(limit);
  boost::system::error_code error;
  co_await net::web_socket::send(socket, op, kind, std::move(bytes), error);
  co_return !error;
}

namespace {

asio::awaitable<void> drop_all(std::shared_ptr<net::web_socket> socket) {
  patience none;
  const auto op = co_await net::begin_operation(none);
  net::web_socket_inbox dropped;
  boost::system::error_code error;
  for (bool more = true; more;) more = co_await net::web_socket::receive(socket, op, dropped, error);
}

}  // namespace

void drop_what_comes(const asio::any_io_executor& executor, const std::shared_ptr<net::web_socket>& socket,
                     std::shared_ptr<change> seen) {
  asio::co_spawn(executor, drop_all(socket), [executor, socket, seen](std::exception_ptr failure) {
    if (failure) socket->abandon();
    asio::post(executor, [seen] { seen->tell(); });  // behind the end that this is
  });
}

asio::awaitable<void> say_goodbye(std::shared_ptr<net::web_socket> socket, std::uint16_t code, std::string reason,
                                  patience limit) {
  const auto op = co_await net::begin_operation(limit);
  co_await net::web_socket::close(socket, op, code, std::move(reason));
}

}  // namespace daytona::local::toolbox
