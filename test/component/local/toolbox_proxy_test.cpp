// What passes between a client and the toolbox of a sandbox, which is a server of this test.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "toolbox_fixture.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// `/upgrade` turns into an echo, `/echo` streams the body back piece by piece, the rest tells the request.
asio::awaitable<void> answer(http::exchange& exchange) {
  const auto& head = exchange.head();
  if (head.raw_path() == "/upgrade") {
    http::raw_stream taken = exchange.take_stream();
    const std::string accept =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Protocol: p\r\n\r\nhello";
    co_await asio::async_write(taken.socket, asio::buffer(accept), asio::use_awaitable);
    std::string bytes(100, '\0');
    boost::system::error_code ended;
    while (!ended) {
      const auto n =
          co_await taken.socket.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ended));
      co_await asio::async_write(taken.socket, asio::buffer(bytes.data(), n), asio::use_awaitable);
    }
    co_return;
  }
  if (head.raw_path() == "/echo") {
    co_await exchange.begin(200, {}, std::nullopt);
    for (;;) {
      const std::string piece = co_await exchange.read_some();
      if (piece.empty()) break;
      co_await exchange.write(piece);
    }
    co_await exchange.finish();
    co_return;
  }
  std::string told = head.method + " " + head.target + "\n";
  for (const auto& [name, value] : head.headers) told += name + ": " + value + "\n";
  http::response whole{200, std::move(told), "text/plain"};
  co_await exchange.respond(std::move(whole));
}

struct proxy_fixture : toolbox_fixture {
  proxy_fixture()
      : toolbox_fixture{[this](http::exchange& exchange) {
          ++asked;
          return answer(exchange);
        }} {}
  std::size_t asked = 0;  ///< The toolbox was.
};

/// Sends each piece, once the answer to the one before has arrived as `expected` says.
asio::awaitable<bool> dialogue(tcp::endpoint where, std::vector<std::pair<std::string, std::string>> turns) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket{executor};
  co_await socket.async_connect(where, asio::use_awaitable);
  std::string heard;
  for (const auto& [said, expected] : turns) {
    co_await asio::async_write(socket, asio::buffer(said), asio::use_awaitable);
    while (heard.find(expected) == std::string::npos) {
      std::string piece(1000, '\0');
      boost::system::error_code ended;
      const auto n =
          co_await socket.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ended));
      if (ended) co_return false;
      heard.append(piece, 0, n);
    }
  }
  co_return true;
}

}  // namespace

TEST_CASE("a toolbox gets path and query as they came, and no credentials") {
  proxy_fixture proxy;

  const auto told = proxy.send(proxy.head("GET", R"(/files/a%2Fb?labels={"a":"b"}&c=%zz)",
                                          "X-Own: 1\r\nConnection: close, X-Hop\r\nX-Daytona-Preview-Token: t\r\n"));

  CHECK(told.status == 200);
  CHECK(told.text.starts_with("GET /files/a%2Fb?labels={\"a\":\"b\"}&c=%zz\n"));
  CHECK(told.text.find("X-Own: 1") != std::string::npos);
  CHECK(told.text.find("key") == std::string::npos);
  CHECK(told.text.find("Token") == std::string::npos);
}

TEST_CASE("a toolbox's answer streams to the client while the client's body streams to it") {
  proxy_fixture proxy;
  std::vector<std::pair<std::string, std::string>> turns;
  turns.emplace_back(proxy.head("POST", "/echo", "Transfer-Encoding: chunked\r\n") + "3\r\none\r\n", "one");
  turns.emplace_back("3\r\ntwo\r\n", "two");
  turns.emplace_back("0\r\n\r\n", "0\r\n\r\n");

  CHECK(run(proxy.local.io, dialogue(proxy.listener.endpoint(), turns)));
}

TEST_CASE("an upgrade becomes a pipe: bytes pass both ways, early ones too, until a side ends") {
  proxy_fixture proxy;
  std::vector<std::pair<std::string, std::string>> turns;
  turns.emplace_back(proxy.head("GET", "/upgrade", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + "early",
                     "helloearly");
  turns.emplace_back(std::string{"\x81\x00\xFF later", 9}, std::string{"\x81\x00\xFF later", 9});

  CHECK(run(proxy.local.io, dialogue(proxy.listener.endpoint(), turns)));
}

TEST_CASE("S15: a WebSocket without the key, or to no running sandbox, is refused like a request, before its toolbox") {
  proxy_fixture proxy;
  const std::string right = "Authorization: Bearer key\r\n", wrong = "Authorization: Bearer kex\r\n";
  const auto handshake = [&](const std::string& id, const std::string& path, const std::string& keys) {
    return proxy.send("GET /toolbox/" + id + path + " HTTP/1.1\r\nHost: x\r\n" + keys +
                          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                      true);
  };
  for (const std::string path : {"/process/pty/t/connect", "/process/pty/create-connect?id=t",
                                 "/process/interpreter/execute", "/process/session/s/command/c/logs?follow=true"}) {
    CAPTURE(path);
    for (const auto& keys : {std::string{}, wrong, right + wrong, wrong + right}) {
      const auto refused = handshake(proxy.id, path, keys);
      CHECK(refused.status == 401);
      CHECK(refused["source"] == "DAYTONA_PROXY");
      CHECK(refused["code"] == "UNAUTHORIZED");
      CHECK(refused["message"] == "unauthorized: invalid credentials");
    }
    const auto unknown = handshake("nowhere", path, right);
    CHECK(unknown.status == 404);
    CHECK(unknown["code"] == "SANDBOX_NOT_FOUND");
  }
  CHECK(proxy.ask("POST", "/api/sandbox/" + proxy.id + "/stop").status == 200);
  const auto stopped = handshake(proxy.id, "/process/pty/t/connect", right);
  CHECK(stopped.status == 400);
  CHECK(stopped["code"] == "SANDBOX_NOT_STARTED");
  CHECK(proxy.asked == 0);
}

TEST_CASE("an injected cut ends an upgraded connection behind that many bytes, too") {
  proxy_fixture proxy;
  fault cut;
  cut.path = "/toolbox/**";
  cut.cut_after = 160;
  proxy.faults->add(cut);

  const auto whole =
      proxy.send(proxy.head("GET", "/upgrade", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + std::string(500, 'x'))
          .whole;

  CHECK(whole.size() == 160);
  CHECK(whole.find("helloxxx") != std::string::npos);
}

TEST_CASE("a toolbox that is gone is a 502 that says so") {
  proxy_fixture proxy;
  proxy.local.runner->toolboxes.clear();
  proxy.channel->close();

  const auto refused = proxy.send(proxy.head("GET", "/version", "Connection: close\r\n"));

  CHECK(refused.status == 502);
  CHECK(refused["code"] == "RUNNER_UNREACHABLE");
}
