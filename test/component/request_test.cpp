#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// The request of `client.get("x")` with these settings.
std::string request_of(const config& settings) {
  client_fixture fixture{settings};
  fixture.script().reply("", 200, sandbox_json("started"));
  REQUIRE_FALSE(fixture.run(fixture.client().get("x")).failed());
  return fixture.script().requests.at(0);
}

config with_url(std::string url) {
  auto settings = client_fixture::default_config();
  settings.api_url = std::move(url);
  return settings;
}

}  // namespace

TEST_CASE("C5: host, port and path of the base URL arrive as they should, in all its spellings") {
  struct row {
    std::string url, line, host;
  };
  const std::vector<row> rows{
      {"http://a.test/api", "GET /api/sandbox/x HTTP/1.1", "a.test"},
      {"http://a.test/api///", "GET /api/sandbox/x HTTP/1.1", "a.test"},
      {"http://a.test", "GET /sandbox/x HTTP/1.1", "a.test"},
      {"http://a.test:80/api", "GET /api/sandbox/x HTTP/1.1", "a.test"},
      {"http://a.test:8080/deep/api/", "GET /deep/api/sandbox/x HTTP/1.1", "a.test:8080"},
      {"https://a.test/api", "GET /api/sandbox/x HTTP/1.1", "a.test"},
      {"HTTPS://a.test:80/api", "GET /api/sandbox/x HTTP/1.1", "a.test:80"},
      {"http://[2001:db8::1]:3000/api", "GET /api/sandbox/x HTTP/1.1", "[2001:db8::1]:3000"},
      {"http://[::1]/api", "GET /api/sandbox/x HTTP/1.1", "[::1]"},
  };
  for (const auto& [url, line, host] : rows) {
    CAPTURE(url);
    const auto request = request_of(with_url(url));

    CHECK(request.starts_with(line + "\r\n"));
    CHECK(has(request, "\r\nHost: " + host + "\r\n"));
  }
}

TEST_CASE("C2: an explicit value is kept, an empty one is the default") {
  auto settings = with_url("");
  settings.server_url = "http://old.test/api";
  CHECK(has(request_of(settings), "Host: old.test\r\n"));
  settings.api_url = "http://new.test/api";
  CHECK(has(request_of(settings), "Host: new.test\r\n"));
  settings.api_url.clear();
  settings.server_url.clear();
  CHECK(has(request_of(settings), "Host: app.daytona.io\r\n"));
}

TEST_CASE("C2: credentials, organization and source are sent as configured") {
  auto settings = client_fixture::default_config();
  settings.organization_id = "org";
  settings.user_agent_suffix = "my-service/1.2";
  const auto with_key = request_of(settings);
  settings.api_key.clear();
  settings.jwt_token = "jwt";
  const auto with_jwt = request_of(settings);

  CHECK(has(with_key, "Authorization: Bearer key\r\n"));
  CHECK_FALSE(has(with_key, "Organization-ID"));
  CHECK(has(with_jwt, "Authorization: Bearer jwt\r\n"));
  CHECK(has(with_jwt, "X-Daytona-Organization-ID: org\r\n"));
  CHECK(has(with_key, "X-Daytona-Source: sdk-cpp\r\n"));
  CHECK(has(with_key, "X-Daytona-SDK-Version: 0.226.1\r\n"));
  CHECK(has(with_key, " my-service/1.2\r\n"));
}

TEST_CASE("bad configuration is refused with the name of the member and the rule") {
  auto settings = client_fixture::default_config();
  const auto message = [](const config& wrong) -> std::string {
    try {
      const daytona::client made{wrong};
    } catch (const daytona::error& e) {
      return e.message();
    }
    return {};
  };

  for (const std::string url :
       {"not a url", "ftp://a/api", "http://", "http://u:p@a/api", "http://a/api?x=1", "http://a:99999"})
    CHECK_MESSAGE(has(message(with_url(url)), "api_url: "), url);
  settings.api_key = "a\r\nX-Evil: 1";
  CHECK(has(message(settings), "api_key must not hold control characters"));
  settings = client_fixture::default_config();
  settings.user_agent_suffix = "a\nb";
  CHECK(has(message(settings), "user_agent_suffix"));
  settings = client_fixture::default_config();
  settings.request_timeout = -1ms;
  CHECK(has(message(settings), "request_timeout must not be negative"));
  settings = client_fixture::default_config();
  settings.retry.max_attempts = 0;
  CHECK(has(message(settings), "retry.max_attempts"));
  settings = client_fixture::default_config();
  settings.retry.base_delay = -1ms;
  CHECK(has(message(settings), "retry.base_delay must not be negative"));
  settings = client_fixture::default_config();
  settings.max_response_body = 0;
  CHECK(has(message(settings), "max_response_body must be at least 1"));
  CHECK_THROWS_AS(daytona::client{config()}, authentication_error);
}

TEST_CASE("O3: traceparent is sent if it is usable, and left out if it could split the header") {
  auto settings = client_fixture::default_config();
  settings.traceparent = [] { return std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"); };
  CHECK(has(request_of(settings), "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
  settings.traceparent = [] { return std::string("a\r\nX-Evil: 1"); };
  CHECK_FALSE(has(request_of(settings), "Evil"));
}

TEST_CASE("a trace tells of every attempt, its phases and how it ended; the hook may call the library again") {
  std::vector<trace_event> events;
  auto settings = client_fixture::default_config();
  std::optional<daytona::client> again;
  settings.on_trace = [&](const trace_event& event) {
    events.push_back(event);
    if (again) again->close();
  };
  client_fixture fixture{settings};
  fixture.script().cut("GET").reply("GET", 200, sandbox_json("started"), "X-Request-Id: r-9\r\n");

  fixture.run(fixture.client().get("x"));

  REQUIRE(events.size() == 2);
  CHECK(events[0].attempt == 1);
  CHECK(events[0].status == 0);
  CHECK(events[0].error == errc::connection_lost);
  CHECK(events[1].attempt == 2);
  CHECK(events[1].status == 200);
  CHECK(events[1].request_id == "r-9");
  CHECK_FALSE(events[1].error);
  CHECK(events[1].url == "http://daytona.test:80/api/sandbox/x");
  CHECK(events[1].phases.back().phase == phase::body);
}

TEST_CASE("a token is asked for anew for each attempt, and one that would split the header is refused") {
  auto settings = client_fixture::default_config();
  settings.api_key.clear();
  settings.organization_id = "organization";
  int asked = 0;
  std::string suffix;
  settings.jwt_provider = [&]() -> asio::awaitable<std::string> { co_return "t" + std::to_string(++asked) + suffix; };
  client_fixture fixture{settings};
  fixture.script().cut("GET").reply("GET", 200, sandbox_json("started"));

  fixture.run(fixture.client().get("x"));
  suffix = "\r\nX-Evil: 1";
  const auto refused = fixture.run(fixture.client().get("x"));

  CHECK(has(fixture.script().requests.at(0), "Bearer t1\r\n"));
  CHECK(has(fixture.script().requests.at(1), "Bearer t2\r\n"));
  CHECK(refused.error().code() == errc::invalid_argument);
}

TEST_CASE("what a provider of tokens throws reaches the caller as it is, and nothing is left") {
  auto settings = client_fixture::default_config();
  settings.api_key.clear();
  settings.organization_id = "organization";
  settings.jwt_provider = []() -> asio::awaitable<std::string> {
    throw std::domain_error("no token today");
    co_return std::string();
  };
  client_fixture fixture{settings};

  CHECK(fixture.run(fixture.client().get("x")).is<std::domain_error>());
  CHECK(fixture.run(fixture.client().create()).is<std::domain_error>());
  CHECK(fixture.script().connections == 0);
}

TEST_CASE("a provider of tokens that cancels something of its own is not taken for a lost connection") {
  auto settings = client_fixture::default_config();
  settings.api_key.clear();
  settings.organization_id = "organization";
  settings.jwt_provider = []() -> asio::awaitable<std::string> {
    throw boost::system::system_error(asio::error::operation_aborted);
    co_return std::string();
  };
  client_fixture fixture{settings};

  const auto end = fixture.run(fixture.client().get("x"));

  CHECK(end.is<boost::system::system_error>());
  CHECK_FALSE(end.is<daytona::error>());
  CHECK(fixture.script().connections == 0);
}

TEST_CASE("P5: exec with arguments sends each quoted, so that none is split or interpreted") {
  client_fixture fixture;
  fixture.script().reply(execute_line, 200, executed);
  const std::vector<std::string> argv{"echo", "it's", "a b", "$(x)", "", "-n", "ü"};

  fixture.run(fixture.sandbox().process().exec(argv));

  CHECK(has(fixture.script().requests.at(0), R"({"command":"echo 'it'\\''s' 'a b' '$(x)' '' -n 'ü'"})"));
}

TEST_CASE("P4: a command of megabytes with every kind of character arrives unchanged") {
  client_fixture fixture;
  fixture.script().reply(execute_line, 200, executed);
  const std::string command = "cat <<'E'\n" + std::string(2 << 20, 'x') + "\t\"\\'ü\u2028\x01\nE\n";
  exec_options options;
  options.env["A"] = "line\nbreak \"quoted\" \\ ü";

  fixture.run(fixture.sandbox().process().exec(command, options));

  const auto& request = fixture.script().requests.at(0);
  const auto body = boost::json::parse(request.substr(request.find("\r\n\r\n") + 4));
  CHECK(body.at("command").as_string() == command);
  CHECK(body.at("envs").at("A").as_string() == options.env["A"]);
}

TEST_CASE("arguments that break a rule are refused with the operation's name before anything is sent") {
  client_fixture fixture;
  const auto process = fixture.sandbox().process();
  exec_options bad_name;
  bad_name.env["1A"] = "x";
  list_sandboxes_query query;
  query.limit = 0;

  CHECK_THROWS_AS((void)process.exec(" \n"), bad_request_error);
  CHECK_THROWS_AS((void)process.exec(std::vector<std::string>()), bad_request_error);
  CHECK_THROWS_AS((void)process.code_run(""), bad_request_error);
  CHECK_THROWS_AS((void)fixture.client().get(""), bad_request_error);
  CHECK_THROWS_WITH_AS((void)fixture.client().get(".."),
                       "Failed to get sandbox: sandbox_id_or_name must not be '.' or '..'", bad_request_error);
  CHECK_THROWS_WITH_AS((void)fixture.client().find_one("."), doctest::Contains("Failed to find sandbox: "),
                       bad_request_error);
  CHECK_THROWS_WITH_AS((void)fixture.client().find_one(""), "Failed to find sandbox: give an id or name, or labels",
                       bad_request_error);
  CHECK_THROWS_AS((void)fixture.client().list(query), bad_request_error);
  CHECK_THROWS_AS((void)fixture.client().list_page({}, 0), bad_request_error);
  CHECK_THROWS_AS((void)daytona::sandbox().id(), bad_request_error);
  CHECK_THROWS_WITH_AS((void)process.exec("x", bad_name), doctest::Contains("Failed to execute command: env: "),
                       bad_request_error);
  CHECK(fixture.script().connections == 0);
}

TEST_CASE("a key is never sent in clear text to a toolbox that a TLS server named") {
  auto settings = client_fixture::default_config();
  settings.api_url = "https://daytona.test/api";
  client_fixture fixture{settings};

  const auto end = fixture.run(fixture.sandbox().process().exec("x"));

  CHECK(end.error().code() == errc::invalid_response);
  CHECK(end.error().message().starts_with("Failed to execute command: the server gave a toolbox address without TLS"));
  CHECK(end.error().sandbox_id() == sandbox_id);
  CHECK(fixture.script().connections == 0);
}
