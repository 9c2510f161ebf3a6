#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"
#include "kit/scripted_server.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto get_line = "GET /api/sandbox/x HTTP/1.1";

/// The real client, with real sockets on loopback. At its end no descriptor is left.
class tcp_fixture : public fixture {
 public:
  explicit tcp_fixture(std::optional<tls_identity> identity = {}, bool mute = false)
      : server_(std::in_place, io(), std::move(identity), mute) {}
  ~tcp_fixture() {
    for (const auto& problem : server().seen().problems) CHECK_MESSAGE(problem.empty(), problem);
    if (client_) client_->close();
    server().stop();
    settle();
  }

  scripted_server& server() { return *server_; }
  /// Settings for this server, by this name of it.
  config settings(std::string_view scheme = "http", std::string_view host = "127.0.0.1") {
    config made;
    made.api_key = "key";
    made.api_url = fmt::format("{}://{}:{}/api", scheme, host, server().port());
    made.retry.max_attempts = 1;
    return made;
  }
  daytona::client& client(const config& settings) {
    if (!client_) client_.emplace(settings);
    return *client_;
  }
  daytona::client& client() { return client(settings()); }
  outcome<sandbox> get() { return run(client().get("x")); }

 private:
  std::optional<scripted_server> server_;
  std::optional<daytona::client> client_;
};

/// What went wrong, if anything did.
std::string told(const outcome<sandbox>& end) { return end.failed() ? end.error().message() : std::string(); }

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

TEST_CASE("calls run over real sockets, one after the other on one connection") {
  tcp_fixture fixture;
  fixture.server().reply(get_line, 200, sandbox_json("started")).reply(get_line, 200, sandbox_json("stopped"));

  CHECK(fixture.get().value().state() == sandbox_state::started);
  CHECK(fixture.get().value().state() == sandbox_state::stopped);

  CHECK(fixture.server().seen().connections == 1);
}

TEST_CASE("an answer that comes late and byte by byte is put together") {
  tcp_fixture fixture;
  server_reply slow;
  slow.bytes = http_answer(200, sandbox_json("started"));
  slow.piece = 1;
  slow.delay = 30s;
  fixture.server().reply(slow);

  CHECK_FALSE(fixture.get().failed());
  CHECK(fixture.elapsed() == 30s);
}

TEST_CASE("R1: a peer that closes or resets at any point of its answer is a lost connection") {
  const auto answer = http_answer(200, sandbox_json("started"));
  for (const auto ending : {server_reply::ending::close, server_reply::ending::reset}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, answer.size() - 1}) {
      tcp_fixture fixture;
      server_reply cut;
      cut.bytes = answer.substr(0, size);
      cut.then = ending;
      fixture.server().reply(cut);

      const auto end = fixture.get();

      CHECK(end.error().code() == errc::connection_lost);
      CHECK(end.error().details().request_sent);
    }
  }
}

TEST_CASE("R1: an idle connection that the peer closed or reset is not used again") {
  for (const auto ending : {server_reply::ending::close, server_reply::ending::reset}) {
    tcp_fixture fixture;
    server_reply last;
    last.bytes = http_answer(200, sandbox_json("started"));
    last.then = ending;
    fixture.server().reply(last).reply(get_line, 200, sandbox_json("stopped"));

    fixture.get();
    fixture.settle();

    CHECK(fixture.get().value().state() == sandbox_state::stopped);
    CHECK(fixture.server().seen().connections == 2);
  }
}

TEST_CASE("nobody listens: the connection is refused, at once") {
  tcp_fixture fixture;
  const auto settings = fixture.settings();
  fixture.server().stop();

  const auto end = fixture.run(fixture.client(settings).get("x"));

  CHECK(end.error().code() == errc::connection_failed);
  CHECK(end.error().phase() == phase::connect);
  CHECK(end.error().details().cause == asio::error::connection_refused);
  CHECK(end.error().message().find("127.0.0.1:") != std::string::npos);
  CHECK(is_retryable(end.error()));
  CHECK(fixture.elapsed() == 0s);
}

TEST_CASE("T2: a peer that accepts and is silent ends the call at its deadline, over TCP and TLS") {
  tcp_fixture plain{{}, true};
  auto settings = plain.settings();
  settings.request_timeout = 7s;
  const auto headers = plain.run(plain.client(settings).get("x"));
  CHECK(headers.error().phase() == phase::headers);
  CHECK(plain.elapsed() == 7s);

  tcp_fixture secured{{}, true};
  settings = secured.settings("https");
  settings.connect_timeout = 3s;
  const auto handshake = secured.run(secured.client(settings).get("x"));
  CHECK(handshake.error().code() == errc::timeout);
  CHECK(handshake.error().phase() == phase::tls);
  CHECK(secured.elapsed() == 3s);
}

TEST_CASE("T3: a call to a silent peer is cancelled at once, over TCP and TLS") {
  for (const std::string_view scheme : {"http", "https"}) {
    tcp_fixture fixture{{}, true};
    asio::cancellation_signal signal;
    std::optional<bool> failed;
    auto call = fixture.client(fixture.settings(scheme)).get("x");
    asio::co_spawn(fixture.io(), std::move(call),
                   asio::bind_cancellation_slot(
                       signal.slot(), [&](std::exception_ptr failure, sandbox) { failed = failure != nullptr; }));
    for (int n = 0; n < 10; ++n) fixture.settle();

    signal.emit(asio::cancellation_type::terminal);
    fixture.run_until([&] { return failed.has_value(); });

    CHECK(*failed);
    CHECK(fixture.elapsed() == 0s);
  }
}

TEST_CASE("a large request and a large answer pass") {
  tcp_fixture fixture;
  const std::string big(3 << 20, 'x');
  fixture.server().reply(
      get_line, 200, sandbox_json("started", {}, fmt::format("http://127.0.0.1:{}/toolbox", fixture.server().port())));
  fixture.server().reply("POST /toolbox/", 200, R"({"exitCode":0,"result":")" + big + R"("})");

  const auto sandbox = fixture.get().value();
  const auto end = fixture.run(sandbox.process().exec("echo " + big));

  CHECK(end.value().result == big);
  CHECK(fixture.server().seen().requests.at(1).size() > big.size());
}

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
  tcp_fixture fixture{authority.issue("DNS:localhost", -1h)};

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

TEST_CASE("what can't be used for TLS is told with the file's name") {
  tcp_fixture fixture;
  auto settings = fixture.settings("https");
  settings.tls.ca_file = "/nonexistent/ca.pem";

  const auto end = fixture.run(fixture.client(settings).get("x"));

  CHECK(end.error().code() == errc::tls_failed);
  CHECK(end.error().message().find("/nonexistent/ca.pem") != std::string::npos);
}

TEST_CASE("a peer that speaks no TLS is told as such") {
  tcp_fixture fixture;
  const auto end = fixture.run(fixture.client(fixture.settings("https")).get("x"));

  const bool told = end.error().code() == errc::tls_failed || end.error().code() == errc::timeout;
  CHECK(told);
}
