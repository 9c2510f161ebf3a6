#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/proxied_fixture.hpp"

using namespace daytona;
using namespace daytona::test;

TEST_CASE("C3: calls go through the proxy's tunnel, one after the other on one connection") {
  proxied_fixture fixture;
  fixture.server().reply(get_line, 200, sandbox_json("started")).reply(get_line, 200, sandbox_json("stopped"));

  CHECK(told(fixture.get(fixture.settings())) == "");
  CHECK(fixture.get().value().state() == sandbox_state::stopped);

  REQUIRE(fixture.proxy().seen().requests.size() == 1);
  CHECK(fixture.proxy().seen().requests[0] == "CONNECT daytona.test:80 HTTP/1.1\r\nHost: daytona.test:80\r\n\r\n");
  CHECK(fixture.server().seen().connections == 1);
}

TEST_CASE("C3: in a tunnel it is the server's certificate that counts, and the proxy sees no secret") {
  const certificate_authority authority;
  for (const std::string_view name : {"DNS:daytona.test", "DNS:127.0.0.1,IP:127.0.0.1"}) {
    proxied_fixture fixture{{}, authority.issue(std::string(name))};
    const bool is_right = name == "DNS:daytona.test";
    if (is_right) fixture.server().reply(get_line, 200, sandbox_json("started"));
    auto settings = fixture.settings("https");
    settings.tls.ca_pem = authority.pem();

    const auto end = fixture.get(settings);

    INFO(told(end));
    CHECK(end.failed() == !is_right);
    if (!is_right) CHECK(end.error().code() == errc::tls_failed);
    CHECK(fixture.server().seen().requests.size() == (is_right ? 1 : 0));
    CHECK(fixture.proxy().seen().requests.at(0).find("Authorization") == std::string::npos);
  }
}

TEST_CASE("C3: the proxy, and nobody else, gets user and password of its URL") {
  proxied_fixture fixture{asking()};
  fixture.server().reply(get_line, 200, sandbox_json("started"));

  CHECK(told(fixture.get(fixture.with_password())) == "");

  CHECK(fixture.server().seen().requests.at(0).find("Proxy-Authorization") == std::string::npos);
}

TEST_CASE("C3: an https proxy is verified by its own authority, and carries TLS within TLS") {
  const certificate_authority proxy_authority, authority;
  for (const std::string_view scheme : {"http", "https"}) {
    connect_proxy_options secured = asking();
    secured.identity = proxy_authority.issue("DNS:localhost");
    server_options server_like;
    if (scheme == "https") server_like.identity = authority.issue("DNS:daytona.test");
    proxied_fixture fixture{secured, server_like};
    const std::string big(1 << 20, 'x');
    const auto toolbox = fmt::format("{}://daytona.test/toolbox", scheme);
    fixture.server().reply(get_line, 200, sandbox_json("started", {}, toolbox));
    fixture.server().reply("POST /toolbox/", 200, R"({"exitCode":0,"result":")" + big + R"("})");
    auto settings = fixture.settings(scheme);
    settings.proxy.url = fmt::format("https://user:{}@localhost:{}", encoded_password, fixture.proxy().port());
    settings.proxy.tls.ca_pem = proxy_authority.pem();
    settings.tls.ca_pem = authority.pem();

    const auto sandbox = fixture.get(settings).value();
    const auto end = fixture.run(sandbox.process().exec("echo " + big));

    CHECK(end.value().result == big);
    CHECK(fixture.server().seen().connections == 1);
  }
}

TEST_CASE("C3: a WebSocket goes through the proxy's tunnel with the password of its URL, and directly to loopback") {
  proxied_fixture fixture{asking()};
  const auto behind = fixture.sandbox_behind(fixture.with_password());
  const auto url = fmt::format("http://127.0.0.1:{}/toolbox", fixture.server().port());
  fixture.server().reply(get_line, 200, sandbox_json("started", {}, url));
  const auto beside = fixture.get().value();
  for (int n = 0; n < 2; ++n) fixture.server().reply("GET /toolbox/", 400, R"({"message":"not now"})");

  CHECK(fixture.run(behind.process().follow_session_command("s", "c")).error().code() == errc::bad_request);
  REQUIRE(fixture.proxy().seen().requests.size() == 1);
  CHECK(fixture.run(beside.process().follow_session_command("s", "c")).error().code() == errc::bad_request);

  CHECK(fixture.proxy().seen().requests.size() == 1);
  CHECK(fixture.proxy().seen().requests[0].starts_with("CONNECT daytona.test:80 HTTP/1.1\r\n"));
  for (const std::size_t n : {2U, 3U}) {
    const auto& request = fixture.server().seen().requests.at(n);
    CHECK(request.find("\r\nUpgrade: websocket\r\n") != std::string::npos);
    CHECK(request.find("Proxy-Authorization") == std::string::npos);
  }
}

TEST_CASE("C3: what NO_PROXY names is reached directly, and loopback always is") {
  proxied_fixture fixture;
  fixture.server().reply(get_line, 200, sandbox_json("started"));
  auto settings = fixture.settings();
  settings.api_url = fmt::format("http://127.0.0.1:{}/api", fixture.server().port());

  CHECK(told(fixture.get(settings)) == "");

  CHECK(fixture.proxy().seen().requests.empty());
}

TEST_CASE("R7: two clients with different ways to a server never share a connection") {
  proxied_fixture fixture;
  for (int n = 0; n < 4; ++n) fixture.server().reply(get_line, 200, sandbox_json("started"));
  auto direct = fixture.settings();
  direct.api_url = fmt::format("http://127.0.0.1:{}/api", fixture.server().port());
  daytona::client other{direct};

  for (int n = 0; n < 2; ++n) {
    CHECK(told(fixture.get(fixture.settings())) == "");
    CHECK(told(fixture.run(other.get("x"))) == "");
  }

  CHECK(fixture.proxy().seen().tunnels == 1);
  CHECK(fixture.server().seen().connections == 2);
  other.close();
}
