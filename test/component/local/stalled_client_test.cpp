// Clients that take nothing of what they asked for, or too little.
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "small_server.hpp"
#include "toolbox_fixture.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// How many handlers are at it.
struct counted {
  explicit counted(int& number) : number_{number} { ++number_; }
  ~counted() { --number_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

 private:
  int& number_;
};

/// An answer that never ends by itself.
asio::awaitable<void> flood(http::exchange& exchange, int& floods) {
  const counted one{floods};
  const std::string piece(64 * 1024, 'x');
  co_await exchange.begin(200, {}, std::nullopt);
  for (;;) co_await exchange.write(piece);
}

struct flooding_server : small_server {
  explicit flooding_server(std::size_t most = 4096)
      : small_server{most, [this](http::exchange& exchange) { return flood(exchange, floods); }} {}
  ~flooding_server() {
    listener.close();
    settle(io);
  }
  int floods = 0;
};

std::size_t files_open_now() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// What is there, as far as it goes.
void take(asio::ip::tcp::socket& client, std::size_t most) {
  client.non_blocking(true);
  std::string bytes(most, '\0');
  boost::system::error_code error;
  for (std::size_t taken = 0; taken < most && !error;)
    taken += client.read_some(asio::buffer(bytes.data() + taken, most - taken), error);
}

}  // namespace

TEST_CASE("a client that takes nothing of its answer for five minutes is let go, and its handler ends") {
  flooding_server server;
  auto client = server.connected();
  server.ask(client);
  REQUIRE(server.floods == 1);

  server.pass(299s);
  CHECK(server.floods == 1);
  server.pass(1s);

  CHECK(server.floods == 0);
  CHECK(server.is_ended(client));
  CHECK(server.clock.deadlines() == 0);
}

TEST_CASE("a client that takes a little now and then is served for as long as it likes") {
  flooding_server server;
  auto client = server.connected();
  client.set_option(asio::socket_base::receive_buffer_size{64 * 1024});
  server.ask(client);

  for (int turn = 0; turn < 20; ++turn) {
    CAPTURE(turn);
    // Less than what makes the socket writable again: the server can't write, but the client is at it.
    take(client, 128 * 1024);
    server.pass(299s);
    REQUIRE(server.floods == 1);
  }

  server.pass(300s);
  server.pass(300s);
  CHECK(server.floods == 0);
}

TEST_CASE("an answer that waits for its data is not ended for that, however long") {
  asio::steady_timer* gate = nullptr;
  small_server server{4096, [&gate](http::exchange& exchange) -> asio::awaitable<void> {
                        const auto executor = co_await asio::this_coro::executor;
                        asio::steady_timer data{executor, asio::steady_timer::time_point::max()};
                        gate = &data;
                        co_await exchange.begin(200, {}, std::nullopt);
                        boost::system::error_code came;
                        co_await data.async_wait(asio::redirect_error(asio::use_awaitable, came));
                        co_await exchange.write("late");
                        co_await exchange.finish();
                      }};
  auto client = server.connected();
  server.ask(client);

  server.pass(24h);
  CHECK_FALSE(server.is_ended(client));
  gate->cancel();
  settle(server.io);

  std::string got(1000, '\0');
  got.resize(client.read_some(asio::buffer(got)));
  CHECK(got == "4\r\nlate\r\n0\r\n\r\n");
}

TEST_CASE("one connection too many ends that which takes nothing of its answer, once it has done so for a second") {
  flooding_server server{2};
  auto first = server.connected();
  server.ask(first);
  server.pass(100ms);
  auto second = server.connected();
  server.ask(second);

  server.pass(899ms);
  auto early = server.connected();
  CHECK(server.is_ended(early));
  server.pass(1ms);
  auto third = server.connected();

  CHECK(server.floods == 1);
  CHECK_FALSE(server.is_ended(third));
  CHECK_FALSE(server.is_ended(second));
}

TEST_CASE("a client that takes nothing holds no exchange with a toolbox for longer than that") {
  int floods = 0;
  toolbox_fixture proxy{[&floods](http::exchange& exchange) { return flood(exchange, floods); }};
  manual_clock clock{proxy.local.io};
  asio::ip::tcp::socket client{proxy.local.io};
  client.connect(proxy.listener.endpoint());
  asio::write(client, asio::buffer(proxy.head("GET", "/log")));
  settle(proxy.local.io);
  REQUIRE(floods == 1);
  REQUIRE(proxy.toolbox->size() == 1);

  clock.pass(300s);
  settle(proxy.local.io);

  CHECK(floods == 0);
  CHECK(proxy.toolbox->size() == 0);
  CHECK(clock.deadlines() == 0);
  CHECK(proxy.ask("GET", "/api/sandbox").status == 200);
}

TEST_CASE("an upgraded connection whose client takes nothing ends like any other, and one that is silent does not") {
  int floods = 0;
  toolbox_fixture proxy{[&floods](http::exchange& exchange) -> asio::awaitable<void> {
    const counted one{floods};
    const bool silent = exchange.head().raw_path() == "/silent";
    http::raw_stream taken = exchange.take_stream();
    http::patient_writer writer{1h};
    constexpr std::string_view accept = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    co_await writer.write(taken.socket, accept);
    const std::string piece(64 * 1024, 'x');
    while (!silent) co_await writer.write(taken.socket, piece);
    char byte = 0;
    co_await taken.socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
  }};
  manual_clock clock{proxy.local.io};
  asio::ip::tcp::socket client{proxy.local.io};
  asio::ip::tcp::socket silent{proxy.local.io};
  client.connect(proxy.listener.endpoint());
  silent.connect(proxy.listener.endpoint());
  asio::write(client, asio::buffer(proxy.head("GET", "/flood", "Connection: Upgrade\r\nUpgrade: x\r\n")));
  asio::write(silent, asio::buffer(proxy.head("GET", "/silent", "Connection: Upgrade\r\nUpgrade: x\r\n")));
  settle(proxy.local.io);
  REQUIRE(floods == 2);

  clock.pass(300s);
  settle(proxy.local.io);

  CHECK(floods == 1);
  silent.close();
  settle(proxy.local.io);
  CHECK(floods == 0);
}

TEST_CASE("a silent client whose toolbox has ended holds its connection no longer than for a goodbye") {
  toolbox_fixture proxy{[](http::exchange& exchange) -> asio::awaitable<void> {
    http::raw_stream taken = exchange.take_stream();
    http::patient_writer writer{1h};
    constexpr std::string_view accept = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    co_await writer.write(taken.socket, accept);
  }};
  manual_clock clock{proxy.local.io};
  const auto before = files_open_now();
  asio::ip::tcp::socket client{proxy.local.io};
  client.connect(proxy.listener.endpoint());
  asio::write(client, asio::buffer(proxy.head("GET", "/", "Connection: Upgrade\r\nUpgrade: x\r\n")));
  settle(proxy.local.io);

  clock.pass(9s);
  settle(proxy.local.io);
  CHECK(files_open_now() > before + 1);
  clock.pass(1s);
  settle(proxy.local.io);

  CHECK(files_open_now() == before + 1);  // the client's own
  CHECK(clock.deadlines() == 0);
}
