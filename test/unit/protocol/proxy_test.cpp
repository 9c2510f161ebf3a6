#include "protocol/proxy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace daytona;
using namespace daytona::protocol;
using tunnel_state = tunnel_answer::state;

namespace {

constexpr std::string_view canary = "s3cret";

}  // namespace

TEST_CASE("C3: a proxy is read from its URL, with its user and password decoded") {
  const auto proxy = parse_proxy_url("http://user:p%40ss%3A@proxy.test:3128/");

  REQUIRE(proxy.has_value());
  CHECK_FALSE(proxy->is_tls);
  CHECK(proxy->host == "proxy.test");
  CHECK(proxy->port == 3128);
  CHECK(proxy->authorization == "Basic dXNlcjpwQHNzOg==");
  CHECK(proxy->place() == "proxy.test:3128");
}

TEST_CASE("C3: scheme and port of a proxy may be left out") {
  CHECK(parse_proxy_url("proxy.test")->port == 80);
  CHECK(parse_proxy_url("proxy.test:3128")->port == 3128);
  CHECK(parse_proxy_url("user@proxy.test:3128")->authorization == "Basic dXNlcjo=");
  CHECK(parse_proxy_url("http://proxy.test")->authorization.empty());
  CHECK(parse_proxy_url("https://proxy.test")->port == 443);
  CHECK(parse_proxy_url("https://proxy.test")->is_tls);
  CHECK(parse_proxy_url("http://[2001:db8::1]:3128")->place() == "[2001:db8::1]:3128");
}

TEST_CASE("C3: what is no HTTP proxy is refused, and the password in it is not repeated") {
  for (const auto* const text : {"socks5://u:s3cret@proxy:1080", "http://u:s3cret@", "http://u:s3cret@proxy:0",
                                 "http://u:s3cret@proxy:99999", "http://u:s3cret@proxy/path", "http://u:s3cret@proxy?q",
                                 "http://u:s3cret@pro xy", "://s3cret", "http://u:s3cret\r\n@proxy"}) {
    const auto proxy = parse_proxy_url(text);
    INFO(text);

    REQUIRE(proxy.has_error());
    CHECK_FALSE(proxy.error().what.empty());
    CHECK(proxy.error().what.find(canary) == std::string::npos);
  }
}

TEST_CASE("C3: each scheme has its proxy, and the common one where it has none") {
  proxy_options options;
  options.url = "all.test";
  options.https_url = "secure.test";
  options.no_proxy = "direct.test";
  const proxy_rules rules(options);

  CHECK(rules.proxy_for(false, "server.test", 80)->host == "all.test");
  CHECK(rules.proxy_for(true, "server.test", 443)->host == "secure.test");
  CHECK(rules.proxy_for(true, "direct.test", 443) == nullptr);
  CHECK(proxy_rules(proxy_options()).proxy_for(true, "server.test", 443) == nullptr);
}

TEST_CASE("C3: loopback is never reached by a proxy") {
  proxy_options options;
  options.url = "proxy.test";
  const proxy_rules rules(options);

  for (const auto* const host : {"localhost", "x.localhost", "127.0.0.1", "::1"})
    CHECK(rules.proxy_for(false, host, 80) == nullptr);
}

TEST_CASE("a proxy that can't be read is refused by the name of its option") {
  proxy_options options;
  options.https_url = "ftp://u:s3cret@proxy";
  try {
    const proxy_rules rules(options);
    FAIL("it was taken");
  } catch (const error& e) {
    CHECK(e.code() == errc::invalid_argument);
    CHECK(e.message().find("proxy.https_url") != std::string::npos);
    CHECK(e.message().find(canary) == std::string::npos);
  }
}

TEST_CASE("C3: a tunnel is asked for by host and port, with the credentials if there are any") {
  proxy_address proxy;
  CHECK(tunnel_request("server.test", 443, proxy) ==
        "CONNECT server.test:443 HTTP/1.1\r\nHost: server.test:443\r\n\r\n");

  proxy.authorization = "Basic eA==";
  CHECK(tunnel_request("2001:db8::1", 80, proxy) ==
        "CONNECT [2001:db8::1]:80 HTTP/1.1\r\nHost: [2001:db8::1]:80\r\nProxy-Authorization: Basic eA==\r\n\r\n");
}

TEST_CASE("C3: a proxy's answer opens the tunnel or says why not, however it is cut") {
  const std::string open =
      "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string refused =
      "HTTP/1.0 407 Auth Required\r\nProxy-Authenticate: Negotiate x\r\nContent-Length: 9\r\n\r\n";
  for (std::size_t size = 0; size < open.size(); ++size)
    CHECK(read_tunnel_answer(std::string_view(open).substr(0, size)).what == tunnel_state::incomplete);

  CHECK(read_tunnel_answer("HTTP/1.1 200 OK\r\n\r\n").what == tunnel_state::open);
  CHECK(read_tunnel_answer(refused).what == tunnel_state::refused);
  CHECK(read_tunnel_answer(refused).status == 407);
  CHECK(read_tunnel_answer(refused).reason == "Auth Required");
  CHECK(read_tunnel_answer(refused).challenge == "Negotiate");
  CHECK(read_tunnel_answer(refused + "half a p").what == tunnel_state::refused);
}

TEST_CASE("C3: bytes that nobody can have asked for do not pass for the server's") {
  CHECK(read_tunnel_answer("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n").what == tunnel_state::invalid);
}

TEST_CASE("C3: what is no HTTP answer is known early, and a header without end is bounded") {
  CHECK(read_tunnel_answer("SSH-2.0-x").what == tunnel_state::invalid);
  CHECK(read_tunnel_answer("HTTP/2").what == tunnel_state::invalid);
  CHECK(read_tunnel_answer("HTTP/1.1 abc\r\n\r\n").what == tunnel_state::invalid);
  CHECK(read_tunnel_answer("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").what == tunnel_state::invalid);
  const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(max_tunnel_answer, 'x');
  CHECK(read_tunnel_answer(endless).what == tunnel_state::too_large);
  CHECK(read_tunnel_answer(endless + "\r\n\r\n").what == tunnel_state::too_large);
}

TEST_CASE("a proxy's words are printable in messages") {
  const auto answer = read_tunnel_answer("HTTP/1.1 403 No \xff\r\n\r\n");

  CHECK(answer.what == tunnel_state::refused);
  CHECK(answer.reason == "No ?");
}
