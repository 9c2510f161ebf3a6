// How programs read: what users are told to write compiles and does what it says.
#include <daytona/with_sandbox.hpp>

#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"

using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// A server on which everything works.
void serve_all(client_fixture& fixture) {
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string& request) {
    if (request.starts_with("POST /toolbox")) return http_answer(200, R"({"exitCode":0,"result":"hello\n"})");
    return http_answer(200, sandbox_json("started"));
  };
}

asio::awaitable<std::string> quickstart(daytona::client client) {
  daytona::sandbox sandbox = co_await client.create();
  auto result = co_await sandbox.process().exec("echo hello");
  auto told = fmt::format("{} -> {}", result.exit_code, result.result);
  co_await sandbox.remove();
  co_return told;
}

asio::awaitable<int> with_options(daytona::sandbox sandbox) {
  daytona::exec_options options;
  options.cwd = "src";
  options.env["CI"] = "1";
  options.timeout = 30s;
  auto tests = co_await sandbox.process().exec("make test", options);
  co_return tests.exit_code;
}

asio::awaitable<void> job(daytona::client client, int n, int& done) {
  daytona::create_from_snapshot_params params;
  params.name = fmt::format("job-{}", n);
  daytona::sandbox sandbox = co_await client.create(params);
  co_await sandbox.process().exec("true");
  co_await sandbox.remove();
  ++done;
}

asio::awaitable<std::string> clean_up(daytona::client client) {
  daytona::create_from_image_params params;
  params.image = "debian:12";
  params.resources.cpu = 2;
  std::string seen;
  co_await daytona::with_sandbox(client, params, [&](daytona::sandbox sandbox) -> asio::awaitable<void> {
    auto result = co_await sandbox.process().exec("echo hello");
    seen = result.result;
  });
  co_return seen;
}

asio::awaitable<std::string> list_all(daytona::client client) {
  std::string ids;
  auto sandboxes = client.list();
  while (auto sandbox = co_await sandboxes.next()) ids += sandbox->id();
  co_return ids;
}

asio::awaitable<std::string> failing(daytona::sandbox sandbox) try {
  co_await sandbox.process().exec("true");
  co_return "fine";
} catch (const daytona::timeout_error& e) {
  co_return fmt::format("{} while {}", e.what(), to_string(e.phase()));
} catch (const daytona::not_found_error&) {
  co_return "gone";
} catch (const daytona::error& e) {
  co_return daytona::is_transient(e) ? "later" : "never";
}

}  // namespace

TEST_CASE("the quickstart runs") {
  client_fixture fixture;
  serve_all(fixture);

  CHECK(fixture.run(quickstart(fixture.client())).value() == "0 -> hello\n");
}

TEST_CASE("options are set on a named object") {
  client_fixture fixture;
  serve_all(fixture);

  CHECK(fixture.run(with_options(fixture.sandbox())).value() == 0);
  CHECK(fixture.script().requests.at(0).find(R"("cwd":"src")") != std::string::npos);
}

TEST_CASE("an operation that is kept is run later, after every handle has died") {
  client_fixture fixture;
  serve_all(fixture);
  auto operation = fixture.sandbox().process().exec("ls");

  const auto end = fixture.run(std::move(operation));
  asio::co_spawn(fixture.io(), fixture.sandbox().process().exec("ls"), asio::detached);
  fixture.settle();

  CHECK_FALSE(end.failed());
  CHECK(fixture.script().requests.size() == 2);
}

TEST_CASE("five hundred sandboxes run from one thread") {
  client_fixture fixture;
  serve_all(fixture);
  int done = 0;

  for (int n = 0; n < 500; ++n) asio::co_spawn(fixture.io(), job(fixture.client(), n, done), asio::detached);
  fixture.run_until([&] { return done == 500; });

  CHECK(fixture.script().requests.size() == 1500);
}

TEST_CASE("with_sandbox takes a closure that captures references") {
  client_fixture fixture;
  serve_all(fixture);

  CHECK(fixture.run(clean_up(fixture.client())).value() == "hello\n");
}

TEST_CASE("a list is read until it ends") {
  client_fixture fixture;
  fixture.script().reply("GET /api/sandbox HTTP/1.1", 200,
                         R"({"items":[)" + sandbox_json("started") + R"(],"nextCursor":null})");

  CHECK(fixture.run(list_all(fixture.client())).value() == sandbox_id);
}

TEST_CASE("errors are caught by their class") {
  client_fixture fixture;
  fixture.script().reply("POST", 404, R"({"message":"gone","source":"DAYTONA_DAEMON"})");
  fixture.script().reply("POST", 502, "").reply("GET", 200, sandbox_json("started"));
  fixture.script().reply("POST", 403, "");

  CHECK(fixture.run(failing(fixture.sandbox())).value() == "gone");
  CHECK(fixture.run(failing(fixture.sandbox())).value() == "later");
  CHECK(fixture.run(failing(fixture.sandbox())).value() == "never");
}
