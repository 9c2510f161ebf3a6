#include <doctest/doctest.h>

#include <vector>

#include "kit/tcp_fixture.hpp"
#include "net/tls_context.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

outcome<sandbox> get_over_tls(tcp_fixture& fixture, const certificate_authority& trusted, std::string_view host) {
  auto settings = fixture.settings("https", host);
  settings.tls.ca_pem = trusted.pem();
  return fixture.run(fixture.client(settings).get("x"));
}

void check_refused(tcp_fixture& fixture, const outcome<sandbox>& end) {
  CHECK(end.error().code() == errc::tls_failed);
  CHECK(end.is<connection_error>());
  CHECK(end.error().phase() == phase::tls);
  CHECK(end.error().message().find("certificate") != std::string::npos);
  CHECK_FALSE(is_transient(end.error()));
  CHECK(fixture.server().seen().requests.empty());
  CHECK(fixture.server().seen().connections == 1);
}

}  // namespace

TEST_CASE("C4: a certificate for the name or the address is accepted, and its session resumed") {
  const certificate_authority authority;
  for (const std::string_view host : {"localhost", "127.0.0.1"}) {
    tcp_fixture fixture{authority.issue("DNS:localhost,IP:127.0.0.1")};
    server_reply last;
    last.bytes = http_answer(200, sandbox_json("started"), "Connection: close\r\n");
    last.then = server_reply::ending::close;
    fixture.server().reply(last).reply(get_line, 200, sandbox_json("stopped"));

    CHECK(told(get_over_tls(fixture, authority, host)) == "");
    CHECK(told(get_over_tls(fixture, authority, host)) == "");

    CHECK(fixture.server().seen().connections == 2);
    CHECK(fixture.server().seen().resumed == 1);
  }
}

TEST_CASE("R7: a client that does not trust the server uses no connection of one that does") {
  const certificate_authority authority, other;
  tcp_fixture fixture{authority.issue("DNS:localhost")};
  fixture.server().reply(get_line, 200, sandbox_json("started")).reply(get_line, 200, sandbox_json("started"));
  auto settings = fixture.settings("https", "localhost");
  settings.tls.ca_pem = other.pem();
  daytona::client distrustful{settings};

  CHECK(told(get_over_tls(fixture, authority, "localhost")) == "");
  CHECK(fixture.run(distrustful.get("x")).error().code() == errc::tls_failed);
  CHECK(told(get_over_tls(fixture, authority, "localhost")) == "");

  CHECK(fixture.server().seen().connections == 2);
  CHECK(fixture.server().seen().requests.size() == 2);
  distrustful.close();
}

TEST_CASE("C4: a certificate of an unknown authority is refused before any byte of HTTP") {
  const certificate_authority authority;
  tcp_fixture fixture{self_signed("DNS:localhost")};

  check_refused(fixture, get_over_tls(fixture, authority, "localhost"));
}

TEST_CASE("C4: a certificate for another name or address is refused before any byte of HTTP") {
  const certificate_authority authority;
  tcp_fixture named{authority.issue("DNS:example.org,IP:127.0.0.1")};
  check_refused(named, get_over_tls(named, authority, "localhost"));

  tcp_fixture addressed{authority.issue("DNS:127.0.0.1,IP:127.0.0.2")};
  check_refused(addressed, get_over_tls(addressed, authority, "127.0.0.1"));
}

TEST_CASE("C4: a certificate that has expired is refused before any byte of HTTP") {
  const certificate_authority authority;
  validity over;
  over.until = -1h;
  tcp_fixture fixture{authority.issue("DNS:localhost", over)};

  check_refused(fixture, get_over_tls(fixture, authority, "localhost"));
}

TEST_CASE("C4: only what has insecure in its name turns verification off") {
  tcp_fixture fixture{self_signed("DNS:example.org")};
  fixture.server().reply(get_line, 200, sandbox_json("started"));
  auto settings = fixture.settings("https");
  settings.tls.insecure_skip_verification = true;

  CHECK(told(fixture.run(fixture.client(settings).get("x"))) == "");
}

TEST_CASE("over TLS, an answer that is cut without a goodbye is a lost connection") {
  const certificate_authority authority;
  for (const auto ending : {server_reply::ending::close, server_reply::ending::reset}) {
    tcp_fixture fixture{authority.issue("DNS:localhost")};
    server_reply cut;
    cut.bytes = "HTTP/1.1 200 OK\r\n\r\n{\"id\":";  // as long as the connection lasts: a cut must not pass for its end
    cut.then = ending;
    fixture.server().reply(cut);

    const auto end = get_over_tls(fixture, authority, "localhost");

    CHECK(end.error().code() == errc::connection_lost);
  }
}

TEST_CASE("what can't be used for TLS is told with the file's name, as any failed attempt is") {
  tcp_fixture fixture;
  auto settings = fixture.settings("https");
  settings.tls.ca_file = "/nonexistent/ca.pem";
  std::vector<trace_event> events;
  settings.on_trace = [&](const trace_event& event) { events.push_back(event); };

  const auto error = fixture.get(settings).error();

  CHECK(error.code() == errc::tls_failed);
  CHECK(error.message().starts_with("Failed to get sandbox: TLS: "));
  CHECK(error.message().find("/nonexistent/ca.pem") != std::string::npos);
  CHECK(error.operation() == "get sandbox");
  CHECK(error.url().starts_with("GET https://"));
  CHECK(error.phase() == phase::tls);
  REQUIRE(events.size() == 1);
  CHECK(events[0].error == errc::tls_failed);
}

TEST_CASE("a certificate of tls.ca_pem that is broken is told, also behind one that is not") {
  const certificate_authority authority;
  tcp_fixture fixture{authority.issue("DNS:localhost")};
  auto settings = fixture.settings("https", "localhost");
  settings.tls.ca_pem = authority.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

  const auto end = fixture.get(settings);

  CHECK(end.error().code() == errc::tls_failed);
  CHECK(end.error().message().find("tls.ca_pem") != std::string::npos);
}

TEST_CASE("C4: a host that no certificate can be for is refused, not left unchecked") {
  net::tls_context context{tls_options()};
  const net::origin address{true, "::1", 443}, in_a_zone{true, "fe80::1%1", 443};

  CHECK_NOTHROW((void)context.open(address));
  CHECK_THROWS_AS((void)context.open(in_a_zone), connection_error);
}

TEST_CASE("a peer that speaks no TLS is told as such") {
  tcp_fixture fixture;
  const auto end = fixture.run(fixture.client(fixture.settings("https")).get("x"));

  const bool told = end.error().code() == errc::tls_failed || end.error().code() == errc::timeout;
  CHECK(told);
}

TEST_CASE("C4: a certificate that is not yet valid is refused before any byte of HTTP") {
  const certificate_authority authority;
  validity later;
  later.from = 24h;
  later.until = 48h;
  tcp_fixture fixture{authority.issue("DNS:localhost", later)};

  const auto end = get_over_tls(fixture, authority, "localhost");

  check_refused(fixture, end);
  CHECK(end.error().message().find("not yet valid") != std::string::npos);
}

TEST_CASE("C4: an intermediate authority is trusted through its own authority, and only if it is sent along") {
  const certificate_authority root;
  const certificate_authority between{root, certificate_authority::role::authority};
  auto identity = between.issue("DNS:localhost");

  tcp_fixture without{identity};
  check_refused(without, get_over_tls(without, root, "localhost"));

  identity.certificate += between.pem();
  tcp_fixture with{identity};
  with.server().reply(get_line, 200, sandbox_json("started"));
  CHECK(told(get_over_tls(with, root, "localhost")) == "");

  const certificate_authority another;
  tcp_fixture untrusted{identity};
  check_refused(untrusted, get_over_tls(untrusted, another, "localhost"));
}

TEST_CASE("C4: a server's certificate does not serve as an authority") {
  const certificate_authority root;
  const certificate_authority server{root, certificate_authority::role::server};
  auto identity = server.issue("DNS:localhost");
  identity.certificate += server.pem();
  tcp_fixture fixture{identity};

  check_refused(fixture, get_over_tls(fixture, root, "localhost"));
}

TEST_CASE("C4: a server is asked for by its name, and by none if it is an address") {
  const certificate_authority authority;
  for (const std::string_view host : {"localhost", "127.0.0.1"}) {
    tcp_fixture fixture{authority.issue("DNS:localhost,IP:127.0.0.1")};
    fixture.server().reply(get_line, 200, sandbox_json("started"));

    CHECK(told(get_over_tls(fixture, authority, host)) == "");

    REQUIRE(fixture.server().seen().server_names.size() == 1);
    CHECK(fixture.server().seen().server_names[0] == (host == "localhost" ? host : std::string_view()));
  }
}
