// Clients that break the rules of HTTP, or keep them to be a burden.
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "api_fixture.hpp"
#include "small_server.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string post(std::string_view framing, std::string_view body) {
  return "POST /api/sandbox HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n" + std::string{framing} + "\r\n" +
         std::string{body};
}

std::string post_json(std::string_view body) {
  return post("Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", body);
}

std::string received(tcp::socket& client) {
  std::string got(1000, '\0');
  got.resize(client.read_some(asio::buffer(got)));
  return got;
}

constexpr std::size_t mebibyte = 1024 * 1024;

/// A client that has sent so much, in as many turns as the server needs to take it.
tcp::socket client_of(api_fixture& api, std::string_view bytes) {
  tcp::socket made{api.local.io};
  made.connect(api.listener.endpoint());
  made.non_blocking(true);
  while (!bytes.empty()) {
    boost::system::error_code full;
    bytes.remove_prefix(made.write_some(asio::buffer(bytes), full));
    settle(api.local.io);
  }
  return made;
}

const std::string next_request = "GET /api/config HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("no request is smuggled behind another: what two readers could cut differently ends the connection") {
  api_fixture api;

  for (const std::string& smuggler : {
           post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
           post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"),
           post("Content-Length: 2\r\nContent-Length: 60\r\n", "{}"),
           post("Content-Length: 2, 2\r\n", "{}"),
           post("Content-Length: +2\r\n", "{}"),
           post("Content-Length: 0x2\r\n", "{}"),
           post("Content-Length: 99999999999999999999\r\n", "{}"),
           post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
           post("X-Folded: a\r\n\tContent-Length: 2\r\nContent-Length: 2\r\n", "{}"),
           post("Host: other\r\nContent-Length: 2\r\n", "{}"),
           post("Content-Length : 2\r\n", "{}"),
           post(" Content-Length: 2\r\n", "{}"),
           post("Transfer-Encoding: chunked\r\n", "2\n{}\r\n0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\n", "2\r\n{}0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\n", "2 \x01\r\n{}\r\n0\r\n\r\n"),
           std::string{"POST /api/sandbox HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}"},
           std::string{"POST  /api/sandbox HTTP/1.1\r\nHost: x\r\n\r\n"},
           std::string{"POST /api/sandbox\tHTTP/1.1\r\nHost: x\r\n\r\n"},
           "POST /api/sandbox HTTP/1.1\r\nHost: x\r\nA\0b: c\r\n\r\n"s,
       }) {
    const auto got = api.send(smuggler + next_request);
    CAPTURE(smuggler);
    CAPTURE(got.whole);
    CHECK(got.status == 400);
    CHECK(got.whole.find("HTTP/1.1", 1) == std::string::npos);  // the second was not answered
  }
  CHECK(api.ask("GET", "/api/sandbox").status == 200);
}

TEST_CASE("a request to no path of this server is refused, and the connection ends") {
  api_fixture api;

  for (const std::string_view line :
       {"GET api/config", "GET toolbox/x/version", "GET /api/config#frag", "GET http:///api/config",
        "CONNECT 127.0.0.1:22", "CONNECT localhost:22", "CONNECT /api/config"}) {
    CAPTURE(line);
    const auto got =
        api.send(std::string{line} + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n" + next_request);
    CHECK(got.status == 400);
    CHECK(got["code"] == "BAD_REQUEST");
    CHECK(got.whole.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(got.whole.find("HTTP/1.1", 1) == std::string::npos);
  }
  CHECK(api.send("GET /api/config HTTP/1.1\r\nHost: a b/c@d\r\n\r\n").status == 400);
  CHECK(api.send("GET http://any:1/api/config HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status == 200);
}

TEST_CASE("chunk extensions and trailers are passed over, and do not become fields") {
  api_fixture api;

  const auto made = api.send(post("Connection: close\r\nTransfer-Encoding: chunked\r\n",
                                  "2;a=\"b\"\r\n{}\r\n0;last\r\nAuthorization: Bearer other\r\n\r\n"));

  CHECK(made.status == 200);
}

TEST_CASE("a trailer that would frame the body anew is refused, and the backend lives on") {
  api_fixture api;

  const auto refused = api.send(post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n"));

  CHECK(refused.status == 400);
  CHECK(api.ask("GET", "/api/sandbox").body.at("items").as_array().empty());
}

TEST_CASE("a body that is cut, too large, mistyped, no UTF-8 or too deep is refused in the API's shape") {
  api_fixture api;

  const auto cut = run(api.local.io, conversation(api.listener.endpoint(), post("Content-Length: 10\r\n", "{}"), true));
  CHECK(status_of(cut) == 400);
  CHECK(api.send(post("Connection: close\r\nContent-Length: 99999999\r\n", "{")).status == 413);
  for (const std::string& body :
       {std::string{"{\"name\":\"\xFF\xFE\"}"}, std::string{"{\"name\":\"\\ud800\"}"}, std::string{"[]"},
        std::string{"{"}, std::string{"{} {}"}, std::string{"{\"name\":5}"}, std::string{"{\"env\":[]}"},
        std::string{"{\"env\":{\"A\":1}}"}, std::string{"{\"labels\":\"x\"}"},
        std::string{"{\"autoStopInterval\":1e99}"}, std::string{"{\"public\":\"yes\"}"},
        "{\"x\":" + std::string(500'000, '[') + std::string(500'000, ']') + "}",
        "{\"name\":\"" + std::string(300, 'n') + "\"}", std::string{"{\"name\":\"a\\u0000b\"}"}}) {
    const auto refused = api.send(post_json(body));
    CAPTURE(body.substr(0, 40));
    CAPTURE(refused.text);
    CHECK(refused.status == 400);
    CHECK(refused["source"] == "DAYTONA_API");
    CHECK(refused["error"] == "Bad Request");
  }
  CHECK(api.local.all->all().empty());
}

TEST_CASE(
    "bodies to the API that don't end take no more memory than all may have together: who comes then is told when to "
    "come again, and is served once they are gone") {
  api_fixture api;
  std::vector<tcp::socket> endless;
  const std::string most_of_one = post("Content-Length: 1048576\r\n", std::string(mebibyte - 1, ' '));
  for (int n = 0; n < 32; ++n) endless.push_back(client_of(api, most_of_one));

  const std::string many(100, ' ');
  const auto refused = api.ask("POST", "/api/sandbox", many);
  CHECK(refused.status == 503);
  CHECK(refused["code"] == "REQUEST_MEMORY_IN_USE");
  CHECK(refused["source"] == "DAYTONA_API");
  CHECK(refused.whole.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(api.ask("PUT", "/api/sandbox/any/labels", many).status == 503);
  CHECK(api.ask("POST", "/local/faults", many).status == 503);
  CHECK(api.ask("GET", "/api/sandbox").status == 200);
  endless.pop_back();
  settle(api.local.io);

  CHECK(api.send(post_json("{}")).status == 200);
}

TEST_CASE("bytes that are no UTF-8 in a path or query are answered in JSON that is") {
  api_fixture api;

  const auto path = api.ask("GET", "/api/sandbox/%ff%fe\xFF");
  CHECK(path.status == 404);
  CHECK(path.body.is_object());
  CHECK(api.ask("GET", "/api/sandbox?labels=%ff").status == 400);
  CHECK(api.ask("GET", "/api/sandbox?name=%ff").status == 200);
  CHECK(api.ask("GET", "/api/sandbox?cursor=%ff").status == 400);
}

TEST_CASE("one connection too many ends that which waits longest for a request") {
  small_server server{3};
  auto first = server.connected();
  server.pass(1s);
  auto next = server.connected();
  server.pass(1s);
  auto third = server.connected();
  server.pass(1s);
  server.ask(first);  // it waits anew, so that the second waits longest

  auto fourth = server.connected();

  CHECK_FALSE(server.is_ended(first));
  CHECK(server.is_ended(next));
  CHECK_FALSE(server.is_ended(third));
  server.ask(fourth);
  CHECK_FALSE(server.is_ended(fourth));
}

TEST_CASE("connections that are being answered are not ended for new ones") {
  gated_server server{1};
  auto answered = server.connected();
  server.ask(answered);

  auto refused = server.connected();
  CHECK(server.is_ended(refused));
  server.open();

  CHECK(status_of(received(answered)) == 200);
}

TEST_CASE("who comes when all connections are busy is told when to come again, and is served once one has ended") {
  api_fixture api;
  auto small = std::make_shared<http::service>(*api.service);
  small->most_connections = 1;
  http::listener listener{api.local.io.get_executor(), tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  listener.start(small);
  tcp::socket busy{api.local.io};
  busy.connect(listener.endpoint());
  const std::string begun = post("Connection: close\r\nContent-Length: 2\r\n", "{");
  asio::write(busy, asio::buffer(begun));
  settle(api.local.io);

  // With a body that is not read, and a next request behind it.
  const std::string many = post("Content-Length: 2\r\n", "{}") + next_request;
  const auto refused = run(api.local.io, conversation(listener.endpoint(), many, false));
  asio::write(busy, asio::buffer("}", 1));
  settle(api.local.io);
  const auto served = run(api.local.io, conversation(listener.endpoint(), next_request, false));

  CHECK(status_of(refused) == 503);
  CHECK(refused.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(refused.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(refused.find("\r\nConnection: close\r\n") != std::string::npos);
  const auto body = boost::json::parse(refused.substr(refused.find("\r\n\r\n") + 4)).as_object();
  CHECK(body.at("code") == "TOO_MANY_CONNECTIONS");
  CHECK(body.at("source") == "DAYTONA_API");
  CHECK(body.at("path") == "/api/sandbox");
  CHECK(status_of(received(busy)) == 200);
  CHECK(status_of(served) == 200);
}

TEST_CASE("of those that are too many one in sixteen is heard, each for two seconds at most") {
  gated_server server{32, true};
  std::vector<tcp::socket> busy;
  for (int n = 0; n < 32; ++n) server.ask(busy.emplace_back(server.connected()));
  auto first = server.connected();
  server.pass(500ms);
  auto next = server.connected();
  server.pass(500ms);
  CHECK_FALSE(server.is_ended(first));

  auto third = server.connected();

  CHECK(server.is_ended(first));  // it has waited longest
  server.pass(1400ms);
  CHECK_FALSE(server.is_ended(next));
  server.pass(200ms);
  CHECK(server.is_ended(next));
  CHECK_FALSE(server.is_ended(third));
  server.pass(500ms);
  CHECK(server.is_ended(third));
  for (auto& each : busy) CHECK_FALSE(server.is_ended(each));
}
