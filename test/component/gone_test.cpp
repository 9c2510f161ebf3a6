#include <doctest/doctest.h>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto bad_gateway = "<html>bad gateway</html>";

/// How `exec` fails, if the toolbox's proxy answers it with this status and the server says this of the sandbox.
daytona::error failure_of(client_fixture& fixture, unsigned status, std::string_view state) {
  fixture.script().reply(execute_line, status, bad_gateway).reply(get_line, 200, sandbox_json(state));
  return fixture.run(fixture.sandbox().process().exec("x")).error();
}

}  // namespace

TEST_CASE("E4: a sandbox that is stopped, gone or failed is told from a proxy that stumbled, by one question") {
  struct row {
    std::string_view state;
    errc code;
    bool transient;
  };
  for (const auto& [state, code, transient] :
       {row{"stopped", errc::sandbox_stopped, false}, row{"archived", errc::sandbox_stopped, false},
        row{"destroyed", errc::sandbox_gone, false}, row{"destroying", errc::sandbox_gone, false},
        row{"error", errc::sandbox_failed, false}, row{"starting", errc::service_unavailable, true}}) {
    for (const unsigned status : {404u, 502u, 503u, 504u}) {
      CAPTURE(state);
      CAPTURE(status);
      client_fixture fixture;

      const auto error = failure_of(fixture, status, state);

      CHECK(error.code() == code);
      CHECK(is_transient(error) == transient);
      CHECK(error.http_status() == status);
      CHECK(error.sandbox_id() == sandbox_id);
      CHECK(error.operation() == "execute command");
      CHECK(error.message().starts_with("Failed to execute command: "));
      CHECK(error.message().find(state) != std::string::npos);
      CHECK(fixture.script().requests.size() == 2);
    }
  }
}

TEST_CASE("E4: what goes wrong with a sandbox that runs stays what it was, and the proxy's stumble is transient") {
  client_fixture fixture;

  const auto stumbled = failure_of(fixture, 502, "started");
  const auto unknown_route = failure_of(fixture, 404, "started");

  CHECK(stumbled.code() == errc::bad_gateway);
  CHECK(is_transient(stumbled));
  CHECK(unknown_route.code() == errc::not_found);
}

TEST_CASE("E4: a sandbox that the server does not know any more is gone, and its handle shows it") {
  client_fixture fixture;
  fixture.script().reply(execute_line, 404, R"({"message":"not found: sandbox not found"})");
  fixture.script().reply(get_line, 404, R"({"message":"Sandbox not found"})");
  const auto sandbox = fixture.sandbox();

  const auto end = fixture.run(sandbox.process().exec("x"));

  CHECK(end.is<not_found_error>());
  CHECK(end.error().code() == errc::sandbox_gone);
  CHECK(sandbox.state() == sandbox_state::destroyed);
}

TEST_CASE("E4: what the toolbox itself says is believed without a question") {
  client_fixture fixture;
  fixture.script().reply(execute_line, 404, R"({"message":"no such file","source":"DAYTONA_DAEMON"})");

  CHECK(fixture.run(fixture.sandbox().process().exec("x")).error().code() == errc::not_found);
}

TEST_CASE("E4: a question that fails or hangs leaves the failure as it was, within five seconds") {
  client_fixture failing;
  failing.script().reply(execute_line, 502, bad_gateway).reply(get_line, 500, R"({"message":"boom"})");
  CHECK(failing.run(failing.sandbox().process().exec("x")).error().code() == errc::bad_gateway);

  client_fixture hanging;
  hanging.script().reply(execute_line, 502, bad_gateway).hang(get_line);
  CHECK(hanging.run(hanging.sandbox().process().exec("x")).error().code() == errc::bad_gateway);
  CHECK(hanging.elapsed() == 5s);
}
