#include "local/control/egress_proxy.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "local/control/forward.hpp"
#include "local/control/pipe.hpp"
#include "local/http/alarm.hpp"
#include "local/http/busy_service.hpp"
#include "local/http/http_error.hpp"
#include "protocol/url.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using http::http_error;

namespace {

constexpr auto egress_patience = std::chrono::seconds{10};  ///< With a lookup, and with each connect.
// At once: enough for a package manager, and too few to use up the descriptors of this process.
constexpr std::size_t most_of_a_sandbox = 256;
constexpr std::string_view http_scheme = "http://";

egress_target target_of(std::string_view text, std::uint16_t default_port) {
  try {
    return parse_egress_target(text, default_port);
  } catch (const std::invalid_argument& error) {
    throw http_error{400, error.what()};
  }
}

std::string host_and_port(const egress_target& target) { return protocol::host_and_port(target.host, target.port); }

/// What ends a wait for it from outside is the time.
http_error no_way_to(std::string_view whom, error_code error) {
  if (error != asio::error::operation_aborted) return {502, fmt::format("{}: {}", whom, error.message())};
  return {504, fmt::format("{}: no answer within {} s", whom, egress_patience.count())};
}

/// The address alone; nothing within the time, or an error, leaves `socket` closed.
asio::awaitable<error_code> connect_in_time(tcp::socket& socket, tcp::endpoint endpoint) {
  const auto limit = std::make_shared<http::alarm>(socket.get_executor(), [&socket] {
    error_code ignored;
    socket.close(ignored);
  });
  limit->set(egress_patience);
  error_code error;
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

/// Says who speaks: whoever is told may think that it has asked another server.
http::response text_answer(const http_error& error) {
  return http::response{error.status(), fmt::format("egress proxy: {}\n", error.message()),
                        "text/plain; charset=utf-8"};
}

}  // namespace

std::shared_ptr<const http::service> egress_proxy::service() {
  auto made = std::make_shared<http::service>();
  made->handle = [self = shared_from_this()](http::exchange& exchange) { return serve(self, exchange); };
  made->error_answer = [](const http_error& error, const http::request_head*) { return text_answer(error); };
  made->most_connections = most_of_a_sandbox;
  made->when_full = http::busy_service(*made);
  return made;
}

asio::awaitable<void> egress_proxy::serve(std::shared_ptr<egress_proxy> self, http::exchange& exchange) {
  if (exchange.head().method == "CONNECT")
    co_await self->tunnel(exchange);
  else
    co_await self->pass_on(exchange);
}

asio::awaitable<void> egress_proxy::tunnel(http::exchange& exchange) {
  const egress_target target = target_of(exchange.head().target, 0);
  http::stream_socket out = co_await connect(target);
  http::raw_stream client = exchange.take_stream();
  constexpr std::string_view established = "HTTP/1.1 200 Connection Established\r\n\r\n";
  co_await asio::async_write(client.socket, asio::buffer(established), asio::use_awaitable);
  http::raw_stream server{std::move(out), {}};
  co_await pipe(std::move(client), std::move(server));
}

asio::awaitable<void> egress_proxy::pass_on(http::exchange& exchange) {
  const auto& head = exchange.head();
  const std::string_view url = head.target;
  if (!url.starts_with(http_scheme))
    throw http_error{400, "ask for http://HOST/… or CONNECT HOST:PORT; this is a proxy, not a server"};
  const auto authority =
      url.substr(http_scheme.size(), url.find_first_of("/?", http_scheme.size()) - http_scheme.size());
  const egress_target target = target_of(authority.substr(authority.rfind('@') + 1), 80);

  forward_request request;
  request.target = std::string{head.raw_path()};
  if (!request.target.starts_with('/')) request.target.insert(0, 1, '/');
  if (const auto query = head.raw_query(); !query.empty()) request.target += fmt::format("?{}", query);
  request.headers = head.headers;
  http::stream_socket socket = co_await connect(target);
  const auto out = std::make_shared<http::stream_socket>(std::move(socket));
  const forward_outcome outcome = co_await forward(exchange, out, std::move(request));
  if (!outcome.answered) throw http_error{502, fmt::format("{}: {}", host_and_port(target), outcome.failure)};
}

asio::awaitable<std::vector<asio::ip::address>> egress_proxy::permitted_addresses(egress_target target) {
  const auto operation = co_await net::begin_operation(egress_patience);
  error_code error;
  auto addresses = co_await resolver_.resolve(*operation, target.host, error);
  if (error) throw no_way_to(target.host, error);
  const auto& machine = machine_.addresses();
  std::erase_if(addresses, [&](const auto& address) { return !rules_.permits(target, address, machine); });
  if (addresses.empty())
    throw http_error{
        403, fmt::format("{0} is an address of this machine or of a private network, which sandboxes must not reach; "
                         "start the backend with --egress-allow={0} to allow it",
                         host_and_port(target))};
  co_return addresses;
}

asio::awaitable<http::stream_socket> egress_proxy::connect(egress_target target) {
  const auto addresses = co_await permitted_addresses(target);
  const auto executor = co_await asio::this_coro::executor;
  error_code error;
  for (const auto& address : addresses) {
    tcp::socket socket{executor};
    const tcp::endpoint endpoint{address, target.port};
    error = co_await connect_in_time(socket, endpoint);
    if (error) continue;
    socket.set_option(tcp::no_delay{true}, error);
    co_return http::stream_socket{std::move(socket)};
  }
  throw no_way_to(host_and_port(target), error);
}

}  // namespace daytona::local
