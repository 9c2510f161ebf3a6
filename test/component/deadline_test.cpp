#include <doctest/doctest.h>

#include <set>
#include <string>

#include "operations.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

struct silent_run {
  std::size_t steps = 0;
  outcome<void> end;
  std::chrono::nanoseconds took{};
};

/// Lets whoever takes `step` fall silent, and everyone after it.
silent_run run_silent(const public_operation& operation, std::size_t step, reached_by way) {
  auto settings = client_fixture::default_config();
  // Nothing but the deadline ends the silence: else the next attempt, in silence from its beginning, would be told of.
  settings.connect_timeout = 0s;
  client_fixture fixture{settings, way};
  operation.what.plan(fixture.script());
  fixture.script().forgiving = true;
  fixture.script().on_step = [&](std::size_t now) { return now >= step ? step_action::hang : step_action::proceed; };
  auto work = operation.what.call(fixture);
  silent_run run;
  run.end = fixture.run(std::move(work));
  run.took = fixture.elapsed();
  run.steps = fixture.script().steps;
  const auto pool = fixture.pool();
  CHECK(pool.connections == pool.idle);
  CHECK(pool.waiting + pool.connecting == 0);
  return run;
}

/// A question that explains an error has a bound of its own; without an answer to it the error stands as it is.
constexpr auto explanation = 5s;
constexpr auto longest = 60s;   // of all operations, by their defaults
constexpr auto clean_up = 10s;  // for the sandbox of a failed create

void check_silence(const silent_run& run) {
  if (!run.end.failed()) {
    CHECK(run.took == explanation);
    return;
  }
  const auto error = run.end.error();
  INFO(error.message());
  CHECK(error.code() == errc::timeout);
  CHECK(error.phase() != phase::none);
  CHECK(run.took >= 10s);
  CHECK(run.took <= longest + clean_up);
}

/// The phases in which the operations ended.
std::set<phase> check_silence_by(reached_by way) {
  std::set<phase> seen;
  for (const auto& operation : public_operations()) {
    INFO(operation.name);
    const auto whole = run_silent(operation, std::size_t(-1), way);
    REQUIRE_MESSAGE(!whole.end.failed(), "it fails undisturbed");
    for (std::size_t step = 0; step < whole.steps; ++step) {
      INFO("silent from step ", step);
      const auto run = run_silent(operation, step, way);
      check_silence(run);
      if (run.end.failed()) seen.insert(run.end.error().phase());
    }
  }
  return seen;
}

}  // namespace

TEST_CASE("T2: every public call ends at its deadline if its peer falls silent at any step, and names the phase") {
  const auto seen = check_silence_by(reached_by::memory);

  for (const auto where : {phase::connect, phase::send, phase::headers})
    CHECK_MESSAGE(seen.contains(where), to_string(where));
}

TEST_CASE("T2: every public call ends at its deadline whoever falls silent on its way, and names the phase") {
  const auto seen = check_silence_by(reached_by::tls_by_tls_proxy);

  for (const auto where : {phase::resolve, phase::proxy, phase::tls, phase::headers, phase::body})
    CHECK_MESSAGE(seen.contains(where), to_string(where));
}
