#include "local/toolbox/pty/pty_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "local/http/alarm.hpp"
#include "local/http/http_error.hpp"
#include "local/http/patient_writer.hpp"
#include "local/http/web_socket_upgrade.hpp"
#include "local/toolbox/accepted_socket.hpp"
#include "local/toolbox/pty/whole_messages.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

namespace ws = protocol::web_socket;
using pty_ptr = std::shared_ptr<pty>;
using web_socket_ptr = std::shared_ptr<net::web_socket>;

constexpr std::chrono::seconds goodbye_limit{5};

/// A client that leaves its PTY with its handler, however that ends.
struct attached_client {
  explicit attached_client(pty_ptr terminal) : pty{std::move(terminal)}, client{pty->attach()} {}
  ~attached_client() { pty->detach(client); }
  attached_client(const attached_client&) = delete;
  attached_client& operator=(const attached_client&) = delete;
  pty_ptr pty;
  pty::client_ptr client;
};

/// Types what a client sends, until it is gone.
asio::awaitable<void> type_what_comes(web_socket_ptr socket, pty_ptr terminal, pty::client_ptr client) {
  patience none;
  const auto op = co_await net::begin_operation(none);
  net::web_socket_inbox inbox;
  boost::system::error_code error;
  std::string begun;
  for (bool more = true; more;) {
    more = co_await net::web_socket::receive(socket, op, inbox, error);
    for (auto& message : whole_messages(inbox, begun)) {
      const bool was_typed = co_await pty::type(terminal, client, std::move(message));
      if (!was_typed) break;  // after the end nobody reads what comes, but the client's goodbye
    }
  }
}

/// Typing may wait for the terminal, and must not keep one from being missed that has left.
asio::awaitable<void> watch_for_the_end(web_socket_ptr socket) {
  patience none;
  const auto op = co_await net::begin_operation(none);
  co_await net::web_socket::wait_for_end(socket, op);
}

/// Until the PTY has ended, the client was dropped, or it is gone: then it is false.
asio::awaitable<bool> send_output(web_socket_ptr socket, pty::client_ptr client, patience limit) {
  for (;;) {
    if (client->was_dropped()) co_return true;
    if (const auto output = client->take()) {
      const bool is_sent = co_await send_message(socket, ws::opcode::binary, *output, limit);
      if (!is_sent) co_return false;
      client->has_taken(output);
      continue;
    }
    if (client->has_ended()) co_return true;
    if (!socket->is_open()) co_return false;
    co_await client->changed().next();
  }
}

/// From the greeting to the goodbye.
asio::awaitable<void> talk(web_socket_ptr socket, pty::client_ptr client, bool wants_message, patience limit) {
  bool is_there = co_await send_message(socket, ws::opcode::text, connected_message(), limit);
  if (is_there) is_there = co_await send_output(socket, client, limit);
  if (!is_there) co_return;
  const patience goodbye = goodbye_limit;
  if (client->was_dropped()) {
    co_await say_goodbye(socket, ws::close_code::policy_violation, "slow consumer", goodbye);
    co_return;
  }
  const pty_end end = *client->has_ended();
  if (wants_message) is_there = co_await send_message(socket, ws::opcode::text, exit_message(end), limit);
  if (is_there) co_await say_goodbye(socket, close_code_of(end), close_reason_of(end), goodbye);
}

net::web_socket_settings pty_socket_settings() {
  net::web_socket_settings settings;
  settings.max_message = longest_input;
  settings.max_inbox = longest_input;
  settings.joins_messages = false;  // one that came whole is typed, though the next one never does
  settings.ping_interval =
      std::chrono::seconds{20};  // tells a client whose input no program reads that its server lives
  return settings;
}

}  // namespace

asio::awaitable<void> connect_to_pty(http::exchange& exchange, pty_ptr terminal, net::operation_registry& registry) {
  std::string refusal;
  std::optional<attached_client> attached;
  try {
    terminal->start();
    attached.emplace(terminal);
  } catch (const std::system_error& failure) {
    refusal = std::string{"failed to start PTY session: "} + failure.what();
  } catch (const http::http_error& refused) {
    refusal = refused.message();
  }
  if (!attached) {
    co_await refuse_to_connect(exchange, std::move(refusal));
    co_return;
  }
  const bool wants_message = wants_exit_message(exchange.head());
  const patience limit = exchange.write_timeout();
  const auto settings = pty_socket_settings();
  web_socket_ptr socket = co_await accept_socket(exchange, settings, registry);
  const held_socket held{socket};
  const auto executor = co_await asio::this_coro::executor;
  const auto let_go_if = [socket](std::exception_ptr failure) {
    if (failure) socket->abandon();
  };
  asio::co_spawn(executor, type_what_comes(socket, terminal, attached->client), let_go_if);
  asio::co_spawn(executor, watch_for_the_end(socket),
                 [client = attached->client](std::exception_ptr) { client->changed().tell(); });
  co_await talk(socket, attached->client, wants_message, limit);
}

asio::awaitable<void> refuse_to_connect(http::exchange& exchange, std::string why) {
  std::string bytes = http::upgrade_answer(exchange.head());
  ws::append_frame(bytes, ws::opcode::text, error_message("Failed to connect to PTY session: " + why), std::nullopt);
  http::raw_stream taken = exchange.take_stream();
  http::patient_writer writer{taken.write_timeout};
  co_await writer.write(taken.socket, bytes);
  boost::system::error_code error;
  taken.socket.shutdown(asio::socket_base::shutdown_send, error);
  // To close it while there is something to read would take away from the client what it was told.
  const auto limit = std::make_shared<http::alarm>(taken.socket.get_executor(), [&taken] {
    boost::system::error_code ignored;
    taken.socket.cancel(ignored);
  });
  limit->set(goodbye_limit);
  std::array<char, 4096> dropped;
  while (!error)
    co_await taken.socket.async_read_some(asio::buffer(dropped), asio::redirect_error(asio::use_awaitable, error));
  limit->stop();
}

}  // namespace daytona::local::toolbox
