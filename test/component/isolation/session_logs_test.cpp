// Logs over WebSockets, read by Beast.
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "beast_client.hpp"
#include "session_fixture.hpp"

namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace daytona::local::test {

namespace {

asio::awaitable<std::shared_ptr<web_socket>> open(toolbox_channel channel, std::string path, std::string version) {
  return open_web_socket(std::move(channel), "/process/session" + path, std::move(version));
}

asio::awaitable<followed> follow(toolbox_channel channel, std::string path, std::string version) {
  auto socket = co_await open(channel, std::move(path), std::move(version));
  auto all = co_await read_to_close(socket);
  co_return all;
}

}  // namespace

TEST_CASE("S3: a followed log comes to its last byte, then the close, and by then the exit code is known") {
  session_fixture fixture;
  const auto command = fixture.start("seq 1 200000; (exit 4)");

  const auto log = fixture.run(follow(fixture.sandbox, command + "/logs?follow=true", "0.226.1"));

  CHECK(log.close_code == 1000);
  CHECK(
      log.bytes.starts_with("\x01\x01\x01"
                            "1\n\x01\x01\x01"
                            "2\n"));
  CHECK(log.bytes.size() == 1'288'895 + 3 * 200'000);
  CHECK(fixture.request("GET", command).json().at("exitCode") == 4);
}

TEST_CASE("a log is sent up to now unless it is followed, and without markers to who can't read them") {
  session_fixture fixture;
  const auto command = fixture.start("echo out; echo err >&2; read x");
  CHECK(fixture.create("other").status == 201);
  fixture.execute("while ! grep -q err ~/.daytona/sessions/s/*/output.log; do :; done", "other");

  const auto now = fixture.run(follow(fixture.sandbox, command + "/logs?follow=1", "0.226.1"));
  const auto combined = fixture.run(follow(fixture.sandbox, command + "/logs", "0.20.0"));

  CHECK(now.bytes ==
        "\x01\x01\x01out\n\x02\x02\x02"
        "err\n");
  CHECK(now.close_code == 1000);
  CHECK(combined.bytes == "out\nerr\n");
}

TEST_CASE("S6: a silent log answers pings, and reads what a client should not have sent") {
  session_fixture fixture;
  const auto command = fixture.start("read x; echo $x");
  auto socket = fixture.run(open(fixture.sandbox, command + "/logs?follow=true", "0.226.1"));
  bool answered = false;
  socket->control_callback([&](websocket::frame_type kind, beast::string_view text) {
    answered = answered || (kind == websocket::frame_type::pong && text == "hi");
  });
  const std::string ignored(100'000, 'i');
  for (int n = 0; n < 10; ++n)
    fixture.run([](auto to, auto text) -> asio::awaitable<void> {
      co_await to->async_write(asio::buffer(text), asio::use_awaitable);
    }(socket, ignored));
  fixture.run([](auto to) -> asio::awaitable<void> {
    const websocket::ping_data text{"hi"};
    co_await to->async_ping(text, asio::use_awaitable);
  }(socket));
  CHECK(fixture.input(command, "bye").status == 204);

  const auto log = fixture.run(read_to_close(socket));

  CHECK(answered);
  CHECK(log.bytes ==
        "\x01\x01\x01"
        "bye\n\x01\x01\x01"
        "bye\n");
  CHECK(log.close_code == 1000);
}

TEST_CASE("S12: the tail reaches a reader who begins to read only when all is over, and its session deleted") {
  session_fixture fixture;
  const auto command = fixture.start("seq 1 1000000; echo end");
  auto socket = fixture.run(open(fixture.sandbox, command + "/logs?follow=true", "0.226.1"));
  fixture.execute("true");
  CHECK(fixture.request("DELETE", "/s").status == 204);

  const auto log = fixture.run(read_to_close(socket));

  CHECK(
      log.bytes.ends_with("\x01\x01\x01"
                          "1000000\n\x01\x01\x01"
                          "end\n"));
  CHECK(log.bytes.size() == 6'888'896 + 3 * 1'000'000 + 7);
  CHECK(log.close_code == 1000);
}

TEST_CASE("deleting a session closes the logs that are followed, and ends who waits for a command") {
  session_fixture fixture;
  const auto command = fixture.start("echo begin; sleep 1000");
  auto socket = fixture.run(open(fixture.sandbox, command + "/logs?follow=true", "0.226.1"));
  CHECK(fixture.create("other").status == 201);
  fixture.execute("while ! grep -q begin ~/.daytona/sessions/s/*/output.log; do :; done", "other");
  CHECK(fixture.request("DELETE", "/s").status == 204);

  const auto log = fixture.run(read_to_close(socket));

  CHECK(log.bytes ==
        "\x01\x01\x01"
        "begin\n");
  CHECK(log.close_code == 1000);
}

TEST_CASE("a handshake for an unknown log is refused before the upgrade, and an odd one is read as a plain request") {
  session_fixture fixture;
  const auto ask_with = [&](const std::string& path, const std::string& fields) {
    return fixture.run(ask(fixture.sandbox, "GET", "/process/session" + path, {}, fields));
  };
  const std::string upgrade =
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const auto command = fixture.start("true");
  fixture.execute("true");

  CHECK(ask_with("/nope/command/x/logs", upgrade + "Upgrade: websocket\r\n").status == 404);
  CHECK(ask_with("/s/command/x/logs", upgrade + "Upgrade: websocket\r\n").status == 404);
  CHECK(ask_with(command + "/logs", upgrade + "Upgrade: WebSocket\r\n").status == 200);
  CHECK(ask_with(command + "/logs", "Upgrade: websocket\r\n").status == 400);
  CHECK(ask_with(command + "/logs", upgrade + "Upgrade: websocket\r\n").status == 101);
}

}  // namespace daytona::local::test
