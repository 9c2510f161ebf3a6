#include "local/http/parser.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "local/http/http_error.hpp"

using namespace daytona::local::http;

namespace {

constexpr std::size_t header_limit = 1024;

/// Presents `bytes` in pieces of `piece` bytes, as a socket may.
request_parser parsed(std::string_view bytes, std::size_t piece) {
  request_parser parser{header_limit};
  std::string pending;
  while (!bytes.empty()) {
    pending += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (std::size_t taken = 1; taken > 0 && !pending.empty();) {
      taken = parser.feed(pending);
      pending.erase(0, taken);
    }
  }
  return parser;
}

unsigned refused_bytes(std::string_view bytes) {
  try {
    parsed(bytes, bytes.size());
  } catch (const http_error& error) {
    return error.status();
  }
  return 0;
}

}  // namespace

TEST_CASE("a request is the same however its bytes are cut") {
  const std::string_view text =
      "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Thing: one\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n5\r\ndefgh\r\n0\r\nTrailer: t\r\n\r\n";

  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    auto parser = parsed(text, piece);
    CHECK(parser.done());
    CHECK(parser.head().method == "POST");
    CHECK(parser.head().raw_path() == "/a");
    CHECK(parser.head().raw_query() == "b=c");
    CHECK(parser.head().headers.get("x-thing") == "one");
    CHECK_FALSE(parser.head().headers.contains("Trailer"));
    CHECK(parser.take_body() == "abcdefgh");
  }
}

TEST_CASE("an empty chunked request is the same however its bytes are cut") {
  const std::string_view text =
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: t\r\n\r\n";

  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    auto parser = parsed(text, piece);
    CHECK(parser.done());
    CHECK(parser.take_body().empty());
  }
}

TEST_CASE("what follows a message is left for the next") {
  request_parser parser{header_limit};
  const std::string_view two = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n";

  const auto taken = parser.feed(two);

  CHECK(parser.done());
  CHECK(two.substr(taken).starts_with("GET /2"));
}

TEST_CASE("quotes, braces and high bytes are accepted in a target") {
  auto parser = parsed("GET /sandbox?labels={\"a\":\"\xC3\xA9\"} HTTP/1.1\r\nHost: x\r\n\r\n", 7);

  CHECK(parser.head().raw_query() == "labels={\"a\":\"\xC3\xA9\"}");
}

TEST_CASE("a target that is neither a path nor a URL is refused") {
  const auto status = [](std::string_view method, std::string_view target) {
    return refused_bytes(std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n\r\n");
  };

  for (const std::string_view target :
       {"api/sandbox", "toolbox/1/a", "/api/sandbox#frag", "/?a=b#", "#", "?a=b", "*", "x:80", "127.0.0.1:22",
        "http:/a", "http:///a", "http://", "http://h#f", "http://a\\b/", "://h/a", "1http://h/", "mailto:a"}) {
    CAPTURE(target);
    CHECK(status("GET", target) == 400);
    const bool names_port = target == "x:80" || target == "127.0.0.1:22";
    CHECK(status("CONNECT", target) == (names_port ? 0 : 400));
  }
  for (const std::string_view target :
       {"/", "//a", "/a:b@c", "/a?b=/c?d", "http://h", "http://u:p@h:80/a", "HTTP://[::1]:80?a", "/\xFF", "/a\\b"}) {
    CAPTURE(target);
    CHECK(status("GET", target) == 0);
    CHECK(status("CONNECT", target) == 400);
  }
  CHECK(status("OPTIONS", "*") == 0);
  CHECK(status("CONNECT", "[::1]:80") == 0);
  CHECK(status("CONNECT", "u@h:80") == 400);
}

TEST_CASE("a Host that names no host is refused") {
  const auto status = [](std::string_view host) {
    return refused_bytes("GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n");
  };

  for (const std::string_view host : {"a b", "a b/c@d", "u@h", "h/", "h?", "h#", "http://h", "h:80a", "h:8:0", "[::1",
                                      "::1", "[::1]a", "[h]", "[]", "a,b\xFF", "h\\"}) {
    CAPTURE(host);
    CHECK(status(host) == 400);
  }
  for (const std::string_view host :
       {"", "h", "h:80", "h:", "127.0.0.1:3986", "[::1]", "[::1]:80", "[fe80::1%25eth0]", "a_b.c-d", "xn--e1a.test."}) {
    CAPTURE(host);
    CHECK(status(host) == 0);
  }
}

TEST_CASE("a request that two readers could cut differently is refused") {
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n") == 400);
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n") == 400);
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n") == 400);
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n") == 400);
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n") == 400);
  CHECK(refused_bytes("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(refused_bytes("GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n") == 400);
}

TEST_CASE("a parser that has refused its message refuses all that is fed to it later") {
  request_parser parser{header_limit};
  std::string_view text =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n";
  text.remove_prefix(parser.feed(text));

  CHECK_THROWS_AS(parser.feed(text), http_error);
  CHECK_THROWS_AS(parser.feed(text), http_error);
}

TEST_CASE("what is not HTTP/1 is refused") {
  CHECK(refused_bytes("hello\r\n\r\n") == 400);
  CHECK(refused_bytes("GET / HTTP/2.0\r\n\r\n") == 400);
  CHECK(refused_bytes("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refused_bytes(std::string_view{"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 28}) == 400);
  CHECK(refused_bytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") == 400);
}

TEST_CASE("a head or chunk line that never ends is refused, in one piece or in many") {
  const std::string endless = "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(header_limit, 'a');
  CHECK(refused_bytes(endless) == 431);
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int n = 0; n < 400; ++n) many += "A: b\r\n";
  CHECK(refused_bytes(many + "\r\n") == 431);
  const std::string chunk =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(20'000, 'a');
  CHECK(refused_bytes(chunk) == 400);
}

TEST_CASE("an answer without a length ends with its connection") {
  response_parser parser{header_limit};
  std::string_view text = "HTTP/1.1 200 OK\r\nX: y\r\n\r\nrest";

  while (!text.empty()) text.remove_prefix(parser.feed(text));
  CHECK_FALSE(parser.done());
  parser.feed_end();

  CHECK(parser.done());
  CHECK(parser.head().status == 200);
  CHECK(parser.take_body() == "rest");
}

TEST_CASE("an answer that ends before its length is an error") {
  response_parser parser{header_limit};
  std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nrest";
  while (!text.empty()) text.remove_prefix(parser.feed(text));

  CHECK_THROWS_AS(parser.feed_end(), http_error);
}
