#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

std::string redirect(unsigned status, std::string_view location) {
  return fmt::format("HTTP/1.1 {} Moved\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", status, location);
}

/// The error of a GET that is answered by `answer` alone.
error refused(const std::string& answer) {
  client_fixture fixture;
  fixture.script().reply_bytes("GET /api/sandbox/x HTTP/1.1", answer);
  return fixture.run(fixture.client().get("x")).error();
}

}  // namespace

TEST_CASE("R13: a redirect within the server keeps method, body and credentials") {
  for (const unsigned status : {301U, 302U, 307U, 308U}) {
    client_fixture fixture;
    fixture.script()
        .reply_bytes("POST /toolbox/", redirect(status, "/toolbox/moved/"))
        .reply("POST /toolbox/moved/ HTTP/1.1", 200, R"({"exitCode":0,"result":"ok"})");

    const auto end = fixture.run(fixture.sandbox().process().exec("ls"));

    CHECK(end.value().result == "ok");
    const auto& requests = fixture.script().requests;
    REQUIRE(requests.size() == 2);
    CHECK(requests[1].substr(requests[1].find("\r\n")) == requests[0].substr(requests[0].find("\r\n")));
    CHECK(requests[1].find("Authorization: Bearer key\r\n") != std::string::npos);
    CHECK(fixture.script().connections == 1);
  }
}

TEST_CASE("R13: 303 leads on with GET and without the body") {
  client_fixture fixture;
  fixture.script()
      .reply_bytes("POST /toolbox/", redirect(303, "/toolbox/result"))
      .reply("GET /toolbox/result HTTP/1.1", 200, R"({"exitCode":0,"result":"ok"})");

  CHECK(fixture.run(fixture.sandbox().process().exec("ls")).value().result == "ok");

  const auto& request = fixture.script().requests.at(1);
  CHECK(request.find("Content-Length") == std::string::npos);
  CHECK(request.ends_with("\r\n\r\n"));
}

TEST_CASE("R13: credentials are never sent to another server") {
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
    const auto error = refused(redirect(status, "http://other.test/api/sandbox/x"));

    CHECK(error.code() == errc::unexpected_status);
    CHECK(error.http_status() == status);
    CHECK(error.details().answered);
    CHECK_FALSE(is_transient(error));
    CHECK(error.message().find("http://other.test:80") != std::string::npos);
    CHECK(error.message().starts_with("Failed to get sandbox: "));
  }
}

TEST_CASE("R13: a login page in place of an answer is an authentication error") {
  const auto elsewhere = refused(redirect(302, "https://auth.test/authorize?client_id=c&redirect_uri=r&state=s3cret"));
  CHECK(elsewhere.code() == errc::authentication);
  CHECK(elsewhere.http_status() == 302U);
  CHECK(elsewhere.message().find("s3cret") == std::string::npos);

  client_fixture fixture;
  fixture.script()
      .reply_bytes("GET /api/sandbox/x", redirect(302, "/welcome"))
      .reply_bytes("GET /welcome",
                   "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>");
  CHECK(fixture.run(fixture.client().get("x")).is<authentication_error>());
}

TEST_CASE("R13: redirects in a circle end") {
  client_fixture fixture;
  for (int n = 0; n <= 5; ++n) fixture.script().reply_bytes("GET /", redirect(302, "/api/sandbox/x"));

  const auto error = fixture.run(fixture.client().get("x")).error();

  CHECK(error.code() == errc::unexpected_status);
  CHECK(error.message().find("in circles") != std::string::npos);
}

TEST_CASE("R13: a redirect is no attempt, and what fails behind it is repeated there") {
  config settings = client_fixture::default_config();
  settings.retry.max_attempts = 2;
  client_fixture fixture{settings};
  fixture.script()
      .reply_bytes("GET /api/sandbox/x", redirect(307, "/api/sandbox/x/"))
      .reply("GET /api/sandbox/x/", 503, "{}")
      .reply("GET /api/sandbox/x/", 200, sandbox_json("started"));

  CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
}

TEST_CASE("R13: errors and traces tell the address that was asked last") {
  config settings = client_fixture::default_config();
  std::vector<std::string> urls;
  settings.on_trace = [&](const trace_event& event) { urls.push_back(event.url); };
  client_fixture fixture{settings};
  fixture.script()
      .reply_bytes("GET /api/sandbox/x", redirect(307, "/api/moved?token=s3cret"))
      .reply("GET /api/moved?token=s3cret", 404, "{}");

  const auto error = fixture.run(fixture.client().get("x")).error();

  CHECK(error.url() == "GET http://daytona.test:80/api/moved");
  CHECK(urls == std::vector<std::string>{"http://daytona.test:80/api/sandbox/x", "http://daytona.test:80/api/moved"});
}
