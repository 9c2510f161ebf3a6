// What is passed on to a toolbox, byte for byte, and what becomes of toolboxes that break the rules.
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "toolbox_fixture.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using namespace std::string_literals;

namespace {

const std::string empty_answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A toolbox that notes what it is sent and says what it was told to, whatever it is asked.
struct parrot {
  std::string says = empty_answer;
  bool ends = false;              ///< Behind its answer.
  std::size_t reads = 64 * 1024;  ///< Before it answers, at most. With the rest unread its end is no clean one.
  std::string heard;
  std::size_t connections = 0;

  asio::awaitable<void> serve(http::stream_socket socket) {
    for (;;) {
      std::string bytes(reads, '\0');
      boost::system::error_code ended;
      const auto n =
          co_await socket.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ended));
      if (ended) co_return;
      heard.append(bytes, 0, n);
      co_await asio::async_write(socket, asio::buffer(says), asio::redirect_error(asio::use_awaitable, ended));
      if (ends) co_return;
    }
  }
};

struct parrot_fixture : parrot, toolbox_fixture {
  parrot_fixture()
      : toolbox_fixture{toolbox_fixture::taker{[this](http::stream_socket socket) {
          ++connections;
          asio::co_spawn(local.io, serve(std::move(socket)), [](std::exception_ptr) {});
        }}} {}

  /// What the toolbox got of a request; `<id>` in it stands for the sandbox.
  std::string passed_on(std::string request, bool then_leaves = false) {
    for (auto at = request.find("<id>"); at != std::string::npos; at = request.find("<id>")) request.replace(at, 4, id);
    heard.clear();
    last = send(std::move(request), then_leaves);
    return heard;
  }
  answer last;
};

std::string request(std::string_view line, std::string_view fields, std::string_view body = {}) {
  return std::string{line} + "\r\nHost: x\r\nAuthorization: Bearer key\r\nConnection: close\r\n" + std::string{fields} +
         "\r\n" + std::string{body};
}

const std::string second = "GET /toolbox/<id>/second HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n";

}  // namespace

TEST_CASE("what a toolbox gets is written anew from what was judged, and no more") {
  const std::string host = "Host: x\r\n";
  const std::map<std::string, std::string> cases{
      {request("GET /toolbox/<id>/a HTTP/1.1", ""), "GET /a HTTP/1.1\r\n" + host + "\r\n"},
      {request("GET /toolbox/<id> HTTP/1.1", ""), "GET / HTTP/1.1\r\n" + host + "\r\n"},
      {request("GET //toolbox//<id>//a/../b%2F%00?q=\"{}\" HTTP/1.1", ""),
       "GET //a/../b%2F%00?q=\"{}\" HTTP/1.1\r\n" + host + "\r\n"},
      {request("GET http://other:1/toolbox/<id>/a HTTP/1.1", ""), "GET /a HTTP/1.1\r\n" + host + "\r\n"},
      {request("POST /toolbox/<id>/a HTTP/1.1", "Content-Length: 02\r\n", "{}"),
       "POST /a HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}"},
      {request("POST /toolbox/<id>/a HTTP/1.1", "Transfer-Encoding: Chunked\r\n",
               "1;ext=\"\r\"\r\n{\r\n0001\r\n}\r\n0\r\nX-Trailer: Content-Length: 5\r\n\r\n"),
       ""},  // a bare CR within a chunk's extension
      {request("POST /toolbox/<id>/a HTTP/1.1", "Transfer-Encoding: Chunked\r\nTrailer: X-Trailer\r\n",
               "0002;ext=\"a\"\r\n{}\r\n0\r\nX-Trailer: Content-Length: 5\r\n\r\n"),
       "POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {request(
           "GET /toolbox/<id>/a HTTP/1.1",
           "Connection: X-Hop, x-other,,content-length\r\nX-Hop: 1\r\nX-Other: 2\r\nX-Kept: 3\r\nKeep-Alive: 1\r\nTE: "
           "trailers\r\nUpgrade: h2c\r\nProxy-Connection: a\r\nProxy-Authorization: b\r\nExpect: 100-continue\r\n"),
       "GET /a HTTP/1.1\r\n" + host + "X-Kept: 3\r\n\r\n"},
      {request("GET /toolbox/<id>/a HTTP/1.1", "Connection: Host\r\nX-Obs: \xE9\r\n"),
       "GET /a HTTP/1.1\r\nX-Obs: \xE9\r\nHost: \r\n\r\n"},
      {"GET /toolbox/<id>/a HTTP/1.0\r\nAuthorization: Bearer key\r\n\r\n", "GET /a HTTP/1.1\r\nHost: \r\n\r\n"},
  };
  parrot_fixture proxy;

  for (const auto& [sent, expected] : cases) {
    CAPTURE(sent);
    const std::string got = proxy.passed_on(sent);
    CAPTURE(proxy.last.whole);
    if (expected.empty()) {
      CHECK(got.find("Content-Length: 5") == std::string::npos);
      CHECK(proxy.last.status == 400);
    } else {
      CHECK(got == expected);
      CHECK(proxy.last.status == 200);
    }
  }
}

TEST_CASE("nothing is smuggled to a toolbox: a request that two readers could cut differently does not reach it") {
  parrot_fixture proxy;
  const auto post = [](std::string_view fields, std::string_view body) {
    return "POST /toolbox/<id>/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n" + std::string{fields} + "\r\n" +
           std::string{body};
  };

  for (const std::string& smuggler : {
           post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: 2\r\nContent-Length: 60\r\n", "{}"),
           post("Content-Length: 2, 2\r\n", "{}"),
           post("Content-Length: +2\r\n", "{}"),
           post("Content-Length: 99999999999999999999\r\n", "{}"),
           post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
           post("Content-Length : 2\r\n", "{}"),
           post("X: a\rContent-Length: 2\r\n", "{}"),
           post("X: a\0b\r\n"s, ""),
           post("Host: other\r\n", ""),
           "POST /toolbox/<id>/a\x01 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n"s,
           "POST /toolbox/<id>/a HTTP/1.1\nHost: x\nAuthorization: Bearer key\n\n"s,
           "POST /toolbox/<id>/a b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n"s,
           "GET /toolbox/<id>/a HTTP/1.0\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer key\r\n\r\n0\r\n\r\n"s,
       }) {
    CAPTURE(smuggler);
    CHECK(proxy.passed_on(smuggler + second).empty());
    CAPTURE(proxy.last.whole);
    CHECK(proxy.last.status == 400);
    CHECK(proxy.last.whole.find("HTTP/1.1", 1) == std::string::npos);
  }
  for (const std::string& smuggler : {post("Transfer-Encoding: chunked\r\n", "2\n{}\r\n0\r\n\r\n"),
                                      post("Transfer-Encoding: chunked\r\n", "2\r\n{}0\r\n\r\n"),
                                      post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"),
                                      post("Content-Length: 500\r\n", "{}")}) {  // it swallows the second
    CAPTURE(smuggler);
    const auto got = proxy.passed_on(smuggler + second, true);
    CHECK(got.find("GET /second") == std::string::npos);
    CHECK(proxy.last.whole.find("HTTP/1.1", 1) == std::string::npos);
  }
  CHECK(proxy.ask("GET", "/api/sandbox").status == 200);
}

TEST_CASE("no path leads past the proxy's judgement to a sandbox, and none past the key") {
  parrot_fixture proxy;

  for (const char* path : {"/toolbox/../<id>/a", "/toolbox/%2e%2e/a", "/toolbox/<id>%2Fa", "/toolbox/<id>%00/a",
                           "/toolbox/%FF/a", "/%74oolbox/<id>/a", "/api/../toolbox/<id>/a", "/toolbox", "/toolbox/"}) {
    CAPTURE(path);
    CHECK(proxy.passed_on(request("GET " + std::string{path} + " HTTP/1.1", "")).empty());
    CHECK(proxy.last.status == 404);
    CHECK(proxy.last.body.is_object());
  }
  for (const char* fields : {"", "Authorization: Bearer kex\r\n", "Authorization: Digest key\r\n",
                             "Authorization: key\r\n", "Authorization: Bearer kex\r\nAuthorization: Bearer key\r\n",
                             "Authorization: Bearer key\r\nAuthorization: Bearer kex\r\n",
                             "Authorization: Bearer key\r\nAuthorization: Bearer key\r\n"}) {
    CAPTURE(fields);
    CHECK(proxy
              .passed_on("GET /toolbox/<id>/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string{fields} +
                         "\r\n")
              .empty());
    CHECK(proxy.last.status == 401);
  }
}

TEST_CASE("a flood of header fields, named ones too, is refused or passed on in linear time") {
  parrot_fixture proxy;
  std::string names = "Connection: close";
  std::string fields;
  for (int n = 0; n < 5000; ++n) {
    names += ",a" + std::to_string(n);
    if (fields.size() + names.size() < 60'000) fields += "a" + std::to_string(n) + ":\r\n";
  }

  CHECK(proxy.passed_on("GET /toolbox/<id>/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n" + names + "\r\n" +
                        fields + "\r\n") == "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(proxy.passed_on(request("GET /toolbox/<id>/a HTTP/1.1", "A: " + std::string(70'000, 'a') + "\r\n")).empty());
  CHECK(proxy.last.status == 431);
}

TEST_CASE("a toolbox that answers with what is no answer is a 502, and its connection is used no more") {
  for (const std::string& answer : {
           "nonsense\r\n\r\n"s,
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"s,
           "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"s,
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw"s,
           "HTTP/1.1 200 OK\r\nA: " + std::string(300'000, 'a') + "\r\n\r\n",
       }) {
    parrot_fixture proxy;
    proxy.says = answer;
    CAPTURE(answer.substr(0, 100));

    proxy.passed_on(request("GET /toolbox/<id>/a HTTP/1.1", ""));
    CAPTURE(proxy.last.whole);
    CHECK(proxy.last.status == 502);
    CHECK(proxy.last["code"] == "RUNNER_UNREACHABLE");

    proxy.says = empty_answer;
    proxy.passed_on(request("GET /toolbox/<id>/a HTTP/1.1", ""));
    CHECK(proxy.last.status == 200);
    CHECK(proxy.connections == 2);
  }
}

TEST_CASE("what a toolbox sends behind its answer is taken for no answer to another request") {
  parrot_fixture proxy;
  proxy.says = empty_answer + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nextra";

  for (int n = 0; n < 2; ++n) {
    proxy.passed_on(request("GET /toolbox/<id>/a HTTP/1.1", ""));
    CHECK(proxy.last.text.empty());
  }

  CHECK(proxy.connections == 2);
}

TEST_CASE("an upgrade is accepted only from a toolbox that has the whole request") {
  parrot_fixture proxy;
  proxy.says = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw";
  proxy.ends = true;

  proxy.passed_on(
      "POST /toolbox/<id>/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\nConnection: "
      "Upgrade, close\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\nhal");

  CHECK(proxy.last.status == 502);
}

TEST_CASE("an upgrade that HTTP/1.0 asks for, or behind which a body comes, is passed on as none") {
  parrot_fixture proxy;
  const std::string fields = "Host: x\r\nAuthorization: Bearer key\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";

  const auto old = proxy.passed_on("GET /toolbox/<id>/a HTTP/1.0\r\n" + fields + "\r\n");
  const auto counted =
      proxy.passed_on("GET /toolbox/<id>/a HTTP/1.1\r\n" + fields + "Content-Length: 2\r\n\r\n\x81\x80", true);
  const auto chunked = proxy.passed_on(
      "GET /toolbox/<id>/a HTTP/1.1\r\n" + fields + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true);
  const auto usual = proxy.passed_on("GET /toolbox/<id>/a HTTP/1.1\r\n" + fields + "\r\n", true);

  for (const auto& each : {old, counted, chunked}) {
    CAPTURE(each);
    CHECK(each.find("/a HTTP/1.1") != std::string::npos);
    CHECK(each.find("pgrade") == std::string::npos);
  }
  CHECK(usual.find("Upgrade: websocket") != std::string::npos);
}

TEST_CASE("an answer that lasts until its connection ends is cut if that breaks, and whole if it is closed") {
  for (const bool breaks : {true, false}) {
    CAPTURE(breaks);
    parrot_fixture proxy;
    proxy.says = "HTTP/1.1 200 OK\r\n\r\nall there is";
    proxy.ends = true;
    if (breaks) proxy.reads = 1;

    proxy.passed_on(request("GET /toolbox/<id>/a HTTP/1.1", ""));

    CAPTURE(proxy.last.whole);
    CHECK(proxy.last.status == 200);
    CHECK(proxy.last.whole.ends_with("0\r\n\r\n") == !breaks);
  }
}

TEST_CASE("an answer whose body breaks the rules is cut, so that the client can tell") {
  for (const std::string& answer : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"s,
                                    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"s}) {
    parrot_fixture proxy;
    proxy.says = answer;
    proxy.ends = true;

    proxy.passed_on("GET /toolbox/<id>/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n" +
                    request("GET /toolbox/<id>/second HTTP/1.1", ""));

    CAPTURE(proxy.last.whole);
    CHECK(proxy.last.status == 200);
    CHECK_FALSE(proxy.last.whole.ends_with("0\r\n\r\n"));
    CHECK(proxy.last.whole.find("HTTP/1.1", 1) == std::string::npos);  // the connection is cut, too
  }
}
