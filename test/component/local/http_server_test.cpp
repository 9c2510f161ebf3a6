#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <string>

#include "backend.hpp"
#include "conversation.hpp"
#include "local/http/body_share.hpp"
#include "local/http/envelope.hpp"
#include "local/http/listener.hpp"
#include "small_server.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

/// Answers `/echo` with the body, `/stream` with chunks, `/throw` with a failure, and the rest with its path.
asio::awaitable<void> answer_by_path(http::exchange& exchange) {
  const std::string path{exchange.head().raw_path()};
  if (path == "/throw") throw std::runtime_error{"a secret of the server"};
  if (path == "/early") throw http::http_error{403, "no"};
  if (path == "/stream") {
    co_await exchange.begin(200, {}, std::nullopt);
    co_await exchange.write("one");
    co_await exchange.write("two");
    co_await exchange.finish();
    co_return;
  }
  std::string body = path;
  const auto bodies = std::make_shared<http::byte_budget>(2000);
  http::body_share share{bodies};
  if (path == "/echo") body = co_await share.read(exchange, 1000);
  http::response whole{200, std::move(body), "text/plain"};
  co_await exchange.respond(std::move(whole));
}

struct server_fixture {
  server_fixture() {
    auto made = std::make_shared<http::service>();
    made->handle = answer_by_path;
    made->error_answer = http::api_error_answer;
    made->header_limit = 4096;
    listener.start(made);
  }
  ~server_fixture() {
    listener.close();
    io.restart();
    io.run();  // ends: nothing is left under way
  }

  /// Sends `bytes`, closes the sending side if `close` says so, and gives everything that comes back.
  std::string talk(std::string bytes, bool close = true) {
    return run(io, conversation(listener.endpoint(), std::move(bytes), close));
  }

  /// Whether a client that says no more than `bytes`, each a second after the one before, is let go at that time.
  bool lets_go(std::string_view bytes, std::chrono::seconds at) {
    tcp::socket client{io};
    client.connect(listener.endpoint());
    client.non_blocking(true);
    boost::system::error_code error;
    const auto look = [&] {
      settle(io);
      char byte = 0;
      client.read_some(asio::buffer(&byte, 1), error);
      return error != asio::error::would_block;
    };
    for (auto time = 0s; time < at; time += 1s) {
      if (look()) return false;
      const auto next = bytes.substr(0, 1);
      bytes.remove_prefix(next.size());
      asio::write(client, asio::buffer(next), error);
      settle(io);
      clock.pass(1s);
    }
    return look();
  }
  /// The same of bytes that come at once.
  bool lets_go_of_what_stops(const std::string& bytes, std::chrono::milliseconds after) {
    tcp::socket client{io};
    client.connect(listener.endpoint());
    asio::write(client, asio::buffer(bytes));
    settle(io);
    clock.pass(after - 1ms);
    settle(io);
    client.non_blocking(true);
    char byte = 0;
    boost::system::error_code error;
    client.read_some(asio::buffer(&byte, 1), error);
    if (error != asio::error::would_block) return false;
    clock.pass(1ms);
    settle(io);
    client.read_some(asio::buffer(&byte, 1), error);
    return error != asio::error::would_block;
  }

  asio::io_context io{1};
  manual_clock clock{io};
  http::listener listener{io.get_executor(), tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
};

}  // namespace

TEST_CASE("requests that come in one piece are answered one after the other on one connection") {
  server_fixture server;

  const auto answer = server.talk(get("/one") + get("/two"));

  CHECK(answer.find("\r\n\r\n/oneHTTP/1.1 200 OK") != std::string::npos);
  CHECK(answer.ends_with("/two"));
}

TEST_CASE("another client has its turn after the first of the requests that come in one piece") {
  std::string order;
  small_server server{4096, [&order](http::exchange& exchange) {
                        order += exchange.head().raw_path().substr(1);
                        return small_server::say_ok(exchange);
                      }};
  auto greedy = server.connected();
  auto modest = server.connected();
  std::string many;
  for (int n = 0; n < 500; ++n) many += get("/g");

  asio::write(greedy, asio::buffer(many));
  server.ask(modest, get("/m"));

  CHECK(order.size() == 501);
  CHECK(order.find('m') <= 2);
}

TEST_CASE("a streamed answer is chunked, and ends with its connection for an HTTP/1.0 client") {
  server_fixture server;

  CHECK(server.talk(get("/stream")).ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  const auto old = server.talk("GET /stream HTTP/1.0\r\n\r\n");
  CHECK(old.ends_with("\r\n\r\nonetwo"));
  CHECK(old.find("Connection: close") != std::string::npos);
}

TEST_CASE("HEAD is answered without a body and the connection stays in step") {
  server_fixture server;

  const auto answer = server.talk("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n" + get("/two"));

  CHECK(answer.find("Content-Length: 2\r\n") != std::string::npos);
  CHECK(answer.find("\r\n\r\nHTTP/1.1 200") != std::string::npos);
}

TEST_CASE("a client that waits for 100 Continue gets it, and only if its body is wanted") {
  server_fixture server;
  const std::string head = " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";

  CHECK(server.talk("POST /echo" + head + "abc").ends_with("abc"));
  const auto refused = server.talk("POST /early" + head, false);
  CHECK(status_of(refused) == 403);
  CHECK(refused.find("100 Continue") == std::string::npos);
}

TEST_CASE("a body beyond its limit is refused, announced or not, and the answer arrives") {
  server_fixture server;

  CHECK(status_of(server.talk("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", false)) == 413);
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int n = 0; n < 3000; ++n) chunks += "200\r\n" + std::string(512, 'x') + "\r\n";
  CHECK(status_of(server.talk(chunks)) == 413);
}

TEST_CASE("hostile bytes get a 4xx in the envelope, and the server lives on") {
  server_fixture server;

  for (const std::string& bytes :
       {std::string{"nonsense\r\n\r\n"}, get("/%zz"), std::string{"GET / HTTP/9.9\r\n\r\n"},
        std::string{"GET / HTTP/1.1\r\n\r\n"}, "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(5000, 'a') + "\r\n\r\n",
        std::string{
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"}, std::string(8000, '\xFF')}) {
    const auto answer = server.talk(bytes);
    CAPTURE(bytes);
    CAPTURE(answer);
    CHECK(status_of(answer) / 100 == 4);
    CHECK(answer.find("\"statusCode\":4") != std::string::npos);
  }
  CHECK(status_of(server.talk(get("/alive"))) == 200);
}

TEST_CASE("a client that is too slow with its request, its head or its body is let go, at a time of each") {
  server_fixture server;
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n";

  CHECK(server.lets_go_of_what_stops("", 70s));
  CHECK(server.lets_go_of_what_stops("GET / HTTP/1.1\r\nHost", 10s));
  CHECK(server.lets_go_of_what_stops(head + "a", 60s));
}

TEST_CASE("a head that drips is let go ten seconds after its first byte, a body that drips is waited for") {
  server_fixture server;

  CHECK(server.lets_go("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 10s));
  tcp::socket client{server.io};
  client.connect(server.listener.endpoint());
  asio::write(client, asio::buffer(std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n"}));
  for (int n = 0; n < 30; ++n) {
    settle(server.io);
    server.clock.pass(59s);
    settle(server.io);
    asio::write(client, asio::buffer("x", 1));
  }
  settle(server.io);
  std::string got(1000, '\0');
  got.resize(client.read_some(asio::buffer(got)));
  CHECK(got.ends_with(std::string(30, 'x')));
}

TEST_CASE("a failure of the server itself is a 500 that tells nothing of it") {
  server_fixture server;

  const auto answer = server.talk(get("/throw") + get("/alive"));

  CHECK(status_of(answer) == 500);
  CHECK(answer.find("secret") == std::string::npos);
  CHECK(answer.ends_with("/alive"));
}
