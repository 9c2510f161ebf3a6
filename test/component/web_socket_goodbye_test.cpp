// How a server of WebSockets hands on what a client sends, and how it leaves one that it has to refuse.
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "net/socket_stream.hpp"
#include "net/web_socket.hpp"

using namespace daytona;
using namespace std::chrono_literals;
using namespace std::string_view_literals;
namespace asio = boost::asio;

namespace {

/// A server's WebSocket that has been sent the beginning of a message that is too long.
struct refused_client {
  refused_client() {
    clock.use_manual_clock(start);
    asio::local::stream_protocol::socket own{io};
    asio::local::connect_pair(own, client);
    net::web_socket_settings settings;
    settings.own = protocol::web_socket::role::server;
    settings.max_message = 100;
    settings.ping_interval = 0ms;
    auto stream = std::make_unique<net::socket_stream>(std::move(own));
    socket = net::web_socket::start(io.get_executor(), std::move(stream), {}, settings, registry, nullptr);
    asio::write(client, asio::buffer("\x82\xff\0\0\0\0\0\x10\0\0mask"sv));  // a mebibyte follows
    while (socket->is_open()) io.poll();
  }
  /// All that the client is told, and how that ends.
  std::pair<std::string, boost::system::error_code> read() {
    std::string told;
    boost::system::error_code error;
    asio::read(client, asio::dynamic_buffer(told), error);
    return {told, error};
  }

  asio::io_context io;
  net::timers& clock = net::timers_of(io.get_executor());
  const net::steady_time start{24h};
  asio::local::stream_protocol::socket client{io};
  net::operation_registry registry;
  std::shared_ptr<net::web_socket> socket;
};

constexpr auto too_big = "\x88\x02\x03\xf1"sv;  // 1009

}  // namespace

TEST_CASE("messages that are kept apart can be told from what follows them, also if that never comes whole") {
  for (const bool joins : {false, true}) {
    asio::io_context io;
    asio::local::stream_protocol::socket own{io}, client{io};
    asio::local::connect_pair(own, client);
    net::operation_registry registry;
    net::web_socket_settings settings;
    settings.own = protocol::web_socket::role::server;
    settings.ping_interval = 0ms;
    settings.joins_messages = joins;
    auto stream = std::make_unique<net::socket_stream>(std::move(own));
    const auto socket = net::web_socket::start(io.get_executor(), std::move(stream), {}, settings, registry, nullptr);
    std::string sent;
    for (const auto* const message : {"ls\n", "pwd\n", "cut"})
      protocol::web_socket::append_frame(sent, protocol::web_socket::opcode::binary, message,
                                         protocol::web_socket::mask_key{1, 2, 3, 4});
    sent.pop_back();
    asio::write(client, asio::buffer(sent));
    client.close();
    io.run();

    net::web_socket_inbox inbox;
    REQUIRE(socket->take(inbox));
    CHECK(inbox.bytes == "ls\npwd\ncu");
    REQUIRE(inbox.segments.size() == (joins ? 1 : 3));
    for (std::size_t n = 0; n < inbox.segments.size(); ++n) {
      CHECK(inbox.segments[n].size == (joins ? 9 : n == 0 ? 3 : n == 1 ? 4 : 2));
      CHECK(inbox.segments[n].ends_message == (!joins && n < 2));
    }
    CHECK(socket->end().how == net::web_socket_end::manner::lost);
  }
}

TEST_CASE("a client that is still sending when it is refused finds the goodbye, and no broken connection") {
  refused_client refused;
  CHECK(refused.socket->end().how == net::web_socket_end::manner::violated);

  asio::write(refused.client, asio::buffer(std::string(100'000, 'x')));
  refused.io.poll();
  asio::write(refused.client, asio::buffer(std::string(100'000, 'x')));
  refused.client.shutdown(asio::socket_base::shutdown_send);
  refused.io.run();

  const auto [told, error] = refused.read();
  CHECK(told.substr(0, too_big.size()) == too_big);
  CHECK(error == asio::error::eof);
}

TEST_CASE("a refused client that falls silent is left soon, and one that never stops after two seconds") {
  refused_client silent;
  silent.clock.advance_to(silent.start + 200ms);
  silent.io.run();
  CHECK(silent.read().second == asio::error::eof);

  refused_client busy;
  boost::system::error_code refusal;
  for (auto time = 100ms; time < 1900ms; time += 100ms) {
    asio::write(busy.client, asio::buffer("x"sv), refusal);
    busy.io.restart();
    busy.io.poll();
    busy.clock.advance_to(busy.start + time);
    busy.io.poll();
  }
  CHECK_FALSE(refusal);
  CHECK_FALSE(busy.io.stopped());
  busy.clock.advance_to(busy.start + 2s);
  busy.io.run();
  CHECK(busy.io.stopped());
}
