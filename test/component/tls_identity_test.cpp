#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kit/tcp_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// An answer after which the server closes, so that the next call connects anew.
server_reply closing_reply() {
  server_reply last;
  last.expected = get_line;
  last.bytes = http_answer(200, sandbox_json("started"), "Connection: close\r\n");
  last.then = server_reply::ending::close;
  return last;
}

/// A file that lives as long as the test.
class temporary_file {
 public:
  explicit temporary_file(const std::string& content) : path_(std::filesystem::temp_directory_path() / unique_name()) {
    std::ofstream(path_) << content;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  std::string path() const { return path_.string(); }

 private:
  static std::string unique_name() {
    static int count = 0;
    return fmt::format("daytona-tls-test-{}-{}.pem", ::getpid(), ++count);
  }
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE(
    "C4: a WebSocket's server is looked at before any byte of HTTP as a call's is, and shown the same certificate") {
  const certificate_authority authority, clients;
  const auto own = clients.issue("DNS:client");
  const temporary_file certificate{own.certificate}, key{own.key};
  validity over;
  over.until = -1h;
  const auto trusted = authority.issue("DNS:localhost");
  for (const auto& identity : {trusted, self_signed("DNS:localhost"), authority.issue("DNS:example.org"),
                               authority.issue("DNS:localhost", over)}) {
    const bool is_right = identity.certificate == trusted.certificate;
    server_options options{identity};
    options.client_authority = clients.pem();
    tcp_fixture fixture;
    scripted_server toolbox{fixture.io(), options};
    auto settings = fixture.settings();
    settings.tls.ca_pem = authority.pem();
    settings.tls.certificate_file = certificate.path();
    settings.tls.private_key_file = key.path();
    const auto url = fmt::format("https://localhost:{}/toolbox", toolbox.port());
    fixture.server().reply(get_line, 200, sandbox_json("started", {}, url));
    const auto sandbox = fixture.get(settings).value();
    if (is_right) toolbox.reply("GET /toolbox/", 400, R"({"message":"not now"})");

    const auto end = fixture.run(sandbox.process().follow_session_command("s", "c"));
    toolbox.stop();

    CHECK(end.error().code() == (is_right ? errc::bad_request : errc::tls_failed));
    CHECK(toolbox.seen().requests.size() == (is_right ? 1 : 0));
    CHECK(toolbox.seen().connections == 1);
    if (is_right) CHECK(toolbox.seen().requests[0].find("\r\nUpgrade: websocket\r\n") != std::string::npos);
    if (!is_right) CHECK(end.error().phase() == phase::tls);
  }
}

TEST_CASE("C4: a client's certificate is shown to a server that demands it, over either TLS version") {
  const certificate_authority authority, clients;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    server_options options{authority.issue("DNS:localhost")};
    options.client_authority = clients.pem();
    options.max_tls_version = version;
    tcp_fixture fixture{options};
    fixture.server().reply(closing_reply()).reply(closing_reply());
    const auto own = clients.issue("DNS:client");
    const temporary_file certificate{own.certificate}, key{own.key};
    auto settings = fixture.settings("https", "localhost");
    settings.tls.ca_pem = authority.pem();
    settings.tls.certificate_file = certificate.path();
    settings.tls.private_key_file = key.path();

    CHECK(told(fixture.get(settings)) == "");
    CHECK(told(fixture.get(settings)) == "");

    CHECK(fixture.server().seen().resumed == 1);
  }
}

TEST_CASE("C4: a client's certificate that is missing or refused is told as such, over either TLS version") {
  const certificate_authority authority, clients, another;
  const auto strange = another.issue("DNS:client");
  const temporary_file certificate{strange.certificate + strange.key};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool shows_one : {false, true}) {
      server_options options{authority.issue("DNS:localhost")};
      options.client_authority = clients.pem();
      options.max_tls_version = version;
      tcp_fixture fixture{options};
      auto settings = fixture.settings("https", "localhost");
      settings.tls.ca_pem = authority.pem();
      if (shows_one) settings.tls.certificate_file = certificate.path();

      const auto end = fixture.get(settings);

      INFO(told(end));
      CHECK(end.error().code() == errc::tls_failed);
      CHECK(end.error().message().find("tls.certificate_file") != std::string::npos);
      CHECK_FALSE(is_transient(end.error()));
      CHECK(fixture.server().seen().requests.empty());
    }
  }
}

TEST_CASE("C4: where a server's certificate is not looked at, it is not blamed for a client's that is missing") {
  const certificate_authority clients;
  server_options options{self_signed("DNS:localhost")};
  options.client_authority = clients.pem();
  options.max_tls_version = TLS1_2_VERSION;
  tcp_fixture fixture{options};
  auto settings = fixture.settings("https", "localhost");
  settings.tls.insecure_skip_verification = true;

  const auto end = fixture.get(settings);

  CHECK(end.error().code() == errc::tls_failed);
  CHECK(end.error().message().find("tls.certificate_file") != std::string::npos);
  CHECK(end.error().message().find("tls.ca_file") == std::string::npos);
}

TEST_CASE("a key that does not belong to the certificate is told with the file's name") {
  const certificate_authority authority;
  const temporary_file certificate{authority.issue("DNS:a").certificate}, key{authority.issue("DNS:a").key};
  tcp_fixture fixture;
  auto settings = fixture.settings("https");
  settings.tls.certificate_file = certificate.path();
  settings.tls.private_key_file = key.path();

  const auto end = fixture.get(settings);

  CHECK(end.error().code() == errc::tls_failed);
  CHECK(end.error().message().find(key.path()) != std::string::npos);
}

TEST_CASE("TLS sessions are resumed at 95 of 100 reconnects or more, over either TLS version") {
  const certificate_authority authority;
  constexpr std::size_t reconnects = 40;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    server_options options{authority.issue("DNS:localhost")};
    options.max_tls_version = version;
    tcp_fixture fixture{options};
    for (std::size_t n = 0; n <= reconnects; ++n) fixture.server().reply(closing_reply());
    auto settings = fixture.settings("https", "localhost");
    settings.tls.ca_pem = authority.pem();

    for (std::size_t n = 0; n <= reconnects; ++n) REQUIRE(told(fixture.get(settings)) == "");

    CHECK(fixture.server().seen().connections == reconnects + 1);
    CHECK(fixture.server().seen().resumed >= reconnects * 95 / 100);
    CHECK(fixture.client().pool_figures().resumed_tls_sessions == fixture.server().seen().resumed);
  }
}
