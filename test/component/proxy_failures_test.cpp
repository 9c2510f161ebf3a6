#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/middlebox.hpp"
#include "kit/proxied_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

connect_proxy_options answering(std::string answer) {
  connect_proxy_options options;
  options.answer = std::move(answer);
  return options;
}

void check_no_secret(const error& e) {
  for (const auto secret : {password, encoded_password, std::string_view("user:")}) {
    CHECK(e.message().find(secret) == std::string::npos);
    CHECK(e.url().find(secret) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("C3: a proxy that asks for authentication is told as such, with the remedy") {
  for (const bool has_password : {false, true}) {
    proxied_fixture fixture{asking()};
    auto settings = has_password ? fixture.with_password("wrong") : fixture.settings();
    settings.retry.max_attempts = 3;

    const auto error = fixture.get(settings).error();

    INFO(error.what());
    CHECK(error.code() == errc::proxy_authentication);
    CHECK(error.code() == condition::connection);
    CHECK(error.phase() == phase::proxy);
    CHECK(error.http_status() == 407U);
    CHECK_FALSE(error.details().answered);
    CHECK_FALSE(is_transient(error));
    CHECK(error.message().find(has_password ? "correct" : "user:password@host") != std::string::npos);
    CHECK(error.message().find("wrong") == std::string::npos);
    CHECK(fixture.proxy().seen().requests.size() == 1);
  }
}

TEST_CASE("C3: a proxy that wants another scheme than Basic is told by that scheme") {
  proxied_fixture fixture{answering("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n\r\n")};

  const auto error = fixture.get(fixture.with_password()).error();

  CHECK(error.code() == errc::proxy_authentication);
  CHECK(error.message().find("Negotiate") != std::string::npos);
  check_no_secret(error);
}

TEST_CASE("C3: a proxy that refuses is told by its status, and is asked again only where that may help") {
  for (const unsigned status : {403U, 502U}) {
    proxied_fixture fixture{answering(fmt::format("HTTP/1.1 {} Because\r\nContent-Length: 99999999\r\n\r\n", status))};
    auto settings = fixture.with_password();
    settings.retry.max_attempts = 2;

    const auto error = fixture.get(settings).error();

    CHECK(error.code() == errc::proxy_failed);
    CHECK(error.phase() == phase::proxy);
    CHECK(error.http_status() == status);
    CHECK(error.message().find("Because") != std::string::npos);
    CHECK(is_retryable(error) == (status == 502));
    CHECK(fixture.proxy().seen().requests.size() == (status == 502 ? 2 : 1));
    check_no_secret(error);
  }
}

TEST_CASE("C3: a proxy that is dead is told as such, at once") {
  proxied_fixture fixture;
  const auto settings = fixture.with_password();
  fixture.stop_proxy();

  const auto error = fixture.get(settings).error();

  CHECK(error.code() == errc::proxy_failed);
  CHECK(error.phase() == phase::connect);
  CHECK(error.details().cause == asio::error::connection_refused);
  CHECK(error.message().find("proxy") != std::string::npos);
  CHECK(is_retryable(error));
  CHECK(fixture.elapsed() == 0s);
  check_no_secret(error);
}

TEST_CASE("C3: a proxy that closes, talks something else or does not stop talking is a typed error") {
  connect_proxy_options closing;
  closing.closes = true;
  const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
  for (const auto& options : {closing, answering("SSH-2.0-OpenSSH\r\n"), answering(endless),
                              answering("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")}) {
    proxied_fixture fixture{options};

    const auto error = fixture.get(fixture.with_password()).error();

    CHECK(error.code() == errc::proxy_failed);
    CHECK(error.phase() == phase::proxy);
    CHECK_FALSE(error.details().request_sent);
    CHECK(fixture.server().seen().connections == 0);
    check_no_secret(error);
  }
}

TEST_CASE("C3: a WebSocket that the proxy does not let through is the same typed error as a call") {
  struct failure {
    connect_proxy_options options;
    errc code;
    phase where;
    std::optional<unsigned> status;
  };
  for (const auto& one : {failure{asking(), errc::proxy_authentication, phase::proxy, 407},
                          failure{answering("HTTP/1.1 502 Because\r\n\r\n"), errc::proxy_failed, phase::proxy, 502},
                          failure{{}, errc::proxy_failed, phase::connect, std::nullopt}}) {
    proxied_fixture fixture{one.options};
    auto settings = fixture.with_password("wrong");
    settings.retry.max_attempts = 1;
    const auto sandbox = fixture.sandbox_behind(settings);
    if (!one.status) fixture.stop_proxy();

    const auto error = fixture.run(sandbox.process().follow_session_command("s", "c")).error();

    CHECK(error.code() == one.code);
    CHECK(error.phase() == one.where);
    CHECK(error.http_status() == one.status);
    CHECK(fixture.server().seen().requests.size() == 1);
    check_no_secret(error);
  }
}

TEST_CASE("T2: a proxy that is silent ends the call at its deadline, in the phase proxy") {
  connect_proxy_options silent;
  silent.mute = true;
  proxied_fixture fixture{silent};
  auto settings = fixture.settings();
  settings.connect_timeout = 3s;

  const auto error = fixture.get(settings).error();

  CHECK(error.code() == errc::timeout);
  CHECK(error.phase() == phase::proxy);
  CHECK(fixture.elapsed() == 3s);
}

TEST_CASE("C3: a tunnel that is cut at any byte ends the call with a typed error, and the next call has a new one") {
  const certificate_authority authority;
  const auto identity = authority.issue("DNS:daytona.test");
  for (const std::size_t at : {0U, 1U, 100U, 700U, 1000U}) {
    proxied_fixture fixture{{}, identity};
    middlebox box{fixture.io(), fixture.server().port()};
    fixture.lead_to(box.port());
    flow cut;
    cut.cut_at = at;
    box.treat({}, cut);
    auto settings = fixture.settings("https");
    settings.tls.ca_pem = authority.pem();
    fixture.server().reply(get_line, 200, sandbox_json("started")).reply(get_line, 200, sandbox_json("started"));

    const auto end = fixture.get(settings);
    box.treat({}, {});
    INFO(at, ": ", told(end));
    const bool is_lost = end.error().code() == errc::connection_failed || end.error().code() == errc::connection_lost;
    CHECK(is_lost);  // a handshake that is cut says nothing against TLS
    CHECK(is_retryable(end.error()));
    CHECK(told(fixture.get()) == "");
    if (fixture.server().seen().requests.size() < 2) CHECK(told(fixture.get()) == "");  // plays the script to its end
    box.stop();
  }
}

TEST_CASE("C3: an https proxy whose certificate is not trusted gets no byte of HTTP") {
  const certificate_authority proxy_authority;
  connect_proxy_options secured = asking();
  secured.identity = proxy_authority.issue("DNS:localhost");
  proxied_fixture fixture{secured};
  auto settings = fixture.with_password();
  settings.proxy.url.replace(0, 4, "https");

  const auto error = fixture.get(settings).error();

  CHECK(error.code() == errc::tls_failed);
  CHECK(error.message().find("proxy.tls.ca_file") != std::string::npos);
  CHECK(fixture.proxy().seen().requests.empty());
  check_no_secret(error);
}

TEST_CASE("T3: a call is cancelled at once while the proxy is silent") {
  connect_proxy_options silent;
  silent.mute = true;
  proxied_fixture fixture{silent};
  asio::cancellation_signal signal;
  auto call = fixture.client(fixture.settings()).get("x");
  std::optional<bool> failed;
  asio::co_spawn(
      fixture.io(), std::move(call),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, sandbox) { failed = e != nullptr; }));
  while (fixture.proxy().seen().requests.empty()) fixture.settle();

  signal.emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return failed.has_value(); });

  CHECK(*failed);
  CHECK(fixture.elapsed() == 0s);
}
