#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// Creates a sandbox whose server tells these states one after the other, the first as the answer to the creation.
template <class... States>
outcome<sandbox> create_through(client_fixture& fixture, const std::string& first, const States&... later) {
  fixture.script().reply(create_line, 200, first);
  (fixture.script().reply(get_line, 200, later), ...);
  create_options options;
  options.keep_on_failure = true;
  return fixture.run(fixture.client().create(options));
}

}  // namespace

TEST_CASE("L1: a wait passes over states it did not see, and over ones nobody knows") {
  for (const auto* const between : {"restoring", "unknown", "levitating", "pulling_snapshot", "stopped"}) {
    client_fixture fixture;

    const auto end = create_through(fixture, sandbox_json("pending_build"), sandbox_json(between),
                                    sandbox_json("creating"), sandbox_json("started"));

    CHECK(end.value().state() == sandbox_state::started);
  }
}

TEST_CASE("L1: a wait for a start ends at each state that can never become started") {
  for (const auto* const state : {"error", "build_failed"}) {
    client_fixture fixture;

    const auto end =
        create_through(fixture, sandbox_json("creating"), sandbox_json(state, R"(,"errorReason":"no space")"));

    CHECK(end.error().code() == errc::sandbox_failed);
    CHECK(end.error().message().find("no space") != std::string::npos);
    CHECK(end.error().message().starts_with("Failed to create sandbox: "));
    CHECK(end.error().phase() == phase::waiting_state);
  }
}

TEST_CASE("L1: a sandbox destroyed while it is waited for ends the wait") {
  client_fixture fixture;

  const auto end = create_through(fixture, sandbox_json("creating"), sandbox_json("destroyed"));

  CHECK(end.error().code() == errc::sandbox_destroyed);
  CHECK(end.error().sandbox_id() == sandbox_id);
}

TEST_CASE("L1: a sandbox that waited too long for a runner is told as a queue timeout") {
  client_fixture fixture;

  const auto end =
      create_through(fixture, sandbox_json("creating"),
                     sandbox_json("destroyed", R"(,"queueTimeout":7,"queueTimedOutAt":"2026-03-04T05:06:07.008Z")"));

  CHECK(end.is<queue_timeout_error>());
  CHECK(end.error().code() == errc::queue_timeout);
  CHECK(end.error().message().find("7 minutes") != std::string::npos);
}

TEST_CASE("L1: a sandbox that lost its spot capacity is told as evicted") {
  client_fixture fixture;

  const auto end = create_through(fixture, sandbox_json("creating"),
                                  sandbox_json("destroyed", R"(,"spotEvictedAt":"2026-03-04T05:06:07.008Z")"));

  CHECK(end.is<spot_evicted_error>());
}

TEST_CASE("L1: a sandbox that vanishes while it starts is not found") {
  client_fixture fixture;
  fixture.script().reply("POST /api/sandbox/5b0c", 200, sandbox_json("starting"));
  fixture.script().reply(get_line, 404, R"({"message":"gone"})");

  const auto end = fixture.run(fixture.sandbox("stopped").start());

  CHECK(end.is<not_found_error>());
}

TEST_CASE("L1: a wait survives answers that come from a server on its way up") {
  client_fixture fixture;
  fixture.script().reply(get_line, 502, "<html>bad gateway</html>");
  fixture.script().reply(get_line, 502, "<html>bad gateway</html>");
  fixture.script().reply(get_line, 502, "<html>bad gateway</html>");
  fixture.script().reply(get_line, 200, "not json");
  fixture.script().reply(get_line, 200, sandbox_json("started"));

  const auto sandbox = fixture.sandbox("starting");
  const auto end = fixture.run(sandbox.wait_for_sandbox_start());

  CHECK_FALSE(end.failed());
  CHECK(sandbox.state() == sandbox_state::started);
}

TEST_CASE("L1: an ephemeral sandbox that is destroyed by its stop has stopped") {
  client_fixture fixture;
  fixture.script().reply("POST /api/sandbox/5b0c", 200, sandbox_json("stopping"));
  fixture.script().reply(get_line, 404, R"({"message":"gone"})");

  const auto sandbox = fixture.sandbox();
  const auto end = fixture.run(sandbox.stop());

  CHECK_FALSE(end.failed());
  CHECK(sandbox.state() == sandbox_state::destroyed);
}

TEST_CASE("L2: removal with a wait tolerates states that go back and forth, and ends when it is gone") {
  client_fixture fixture;
  fixture.script().reply(remove_line, 200, sandbox_json("destroying"));
  for (const auto* const state : {"destroying", "started", "destroying"})
    fixture.script().reply(get_line, 200, sandbox_json(state));
  fixture.script().reply(get_line, 404, R"({"message":"gone"})");
  remove_options options;
  options.wait = true;

  const auto sandbox = fixture.sandbox();
  const auto end = fixture.run(sandbox.remove(options));

  CHECK_FALSE(end.failed());
  CHECK(sandbox.state() == sandbox_state::destroyed);
}

TEST_CASE("L2: removal without a wait shows the state that its answer told") {
  client_fixture fixture;
  fixture.script().reply(remove_line, 200, sandbox_json("destroying"));

  const auto sandbox = fixture.sandbox();
  fixture.run(sandbox.remove());

  CHECK(sandbox.state() == sandbox_state::destroying);
}

TEST_CASE("L5: a wait polls quickly at first, then once a second, until its timeout") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("starting")); };
  wait_options options;
  options.timeout = 60s;

  const auto end = fixture.run(fixture.sandbox("starting").wait_for_sandbox_start(options));

  CHECK(end.is<timeout_error>());
  CHECK(end.error().phase() == phase::waiting_state);
  CHECK(fixture.elapsed() == 60s);
  CHECK(fixture.script().requests.size() > 60);
  CHECK(fixture.script().requests.size() < 100);
}

TEST_CASE("L5: waits for one sandbox share what one of them reads") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("starting")); };
  constexpr int waits = 20;
  const auto sandbox = fixture.sandbox("starting");
  int ended = 0;
  for (int n = 0; n < waits; ++n)
    asio::co_spawn(fixture.io(), sandbox.wait_for_sandbox_start(), [&](std::exception_ptr failure) {
      CHECK_FALSE(failure);
      ++ended;
    });
  fixture.run_until([&] { return fixture.elapsed() >= 10s; });
  const auto requests = fixture.script().requests.size();

  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
  fixture.run_until([&] { return ended == waits; });

  CHECK(requests < waits + 40);
  CHECK(fixture.elapsed() < 12s);
}

TEST_CASE("L5: hundreds of waits stay within one budget of requests") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("starting")); };
  constexpr int waits = 500;
  wait_options options;
  options.timeout = 60s;
  int ended = 0;
  for (int n = 0; n < waits; ++n)
    asio::co_spawn(fixture.io(), fixture.sandbox_of(fmt::format("s{}", n), "starting").wait_for_sandbox_start(options),
                   [&](std::exception_ptr) { ++ended; });

  fixture.run_until([&] { return ended == waits; });

  CHECK(fixture.elapsed() == 60s);
  CHECK(fixture.script().requests.size() <
        waits + 60 * 120 + 4 * waits);  // the first looks, 100 a second, the last looks
}

TEST_CASE("L5: what happens in the last second of a wait is seen") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [&fixture](const std::string&) {
    return http_answer(200, sandbox_json(fixture.elapsed() < 29700ms ? "starting" : "started"));
  };
  wait_options options;
  options.timeout = 30s;

  CHECK_FALSE(fixture.run(fixture.sandbox("starting").wait_for_sandbox_start(options)).failed());
}

TEST_CASE("E3: an answer about a sandbox whose id would lead a path elsewhere is an invalid response") {
  for (const auto* const id : {"", ".", ".."}) {
    client_fixture fixture;
    fixture.script().reply(get_line, 200, fmt::format(R"({{"id":"{}","state":"started"}})", id));

    CHECK(fixture.run(fixture.client().get(sandbox_id)).error().code() == errc::invalid_response);
  }
}
