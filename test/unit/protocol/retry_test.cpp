#include "protocol/retry.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <variant>

using namespace daytona;
using namespace daytona::protocol;
using namespace std::chrono_literals;

namespace {

const steady_time now{1h};

attempt_outcome failed_before_sending() {
  attempt_outcome outcome;
  outcome.is_transient = true;
  outcome.request_sent = false;
  return outcome;
}

attempt_outcome rate_limited(std::chrono::milliseconds wait) {
  attempt_outcome outcome;
  outcome.is_transient = true;
  outcome.refused = true;
  outcome.retry_after = wait;
  return outcome;
}

// How long is waited before the next attempt; nothing = given up.
std::optional<std::chrono::milliseconds> decided(const attempt_outcome& outcome, double jitter = 1) {
  const auto action = decide_retry(retry_options(), outcome, now, jitter);
  const auto* again = std::get_if<retry_after>(&action);
  if (!again) return std::nullopt;
  return again->wait;
}

}  // namespace

TEST_CASE("R1: what was not sent is repeated, whatever it is") { CHECK(decided(failed_before_sending()).has_value()); }

TEST_CASE("R1: what may have run is repeated only if running it twice is as once") {
  attempt_outcome sent = failed_before_sending();
  sent.request_sent = true;
  CHECK_FALSE(decided(sent).has_value());

  sent.idempotent = true;
  CHECK(decided(sent).has_value());
}

TEST_CASE("R3: a body that is gone is never sent again") {
  attempt_outcome outcome = failed_before_sending();
  outcome.body_replayable = false;

  CHECK_FALSE(decided(outcome).has_value());
}

TEST_CASE("R11: a permanent failure is never repeated") {
  attempt_outcome outcome = failed_before_sending();
  outcome.is_transient = false;

  CHECK_FALSE(decided(outcome).has_value());
}

TEST_CASE("R10: the server's Retry-After is followed to the letter") {
  CHECK(decided(rate_limited(7s), 0) == 7s);
  CHECK(decided(rate_limited(0s), 1) == 0s);
}

TEST_CASE("R10: Retry-After beyond the deadline gives up at once instead of waiting for nothing") {
  attempt_outcome outcome = rate_limited(60s);
  outcome.deadline = now + 10s;
  CHECK_FALSE(decided(outcome).has_value());

  outcome.deadline = now + 61s;
  CHECK(decided(outcome) == 60s);
}

TEST_CASE("the attempts are counted") {
  attempt_outcome outcome = failed_before_sending();
  outcome.attempt = 2;
  CHECK(decided(outcome).has_value());

  outcome.attempt = 3;
  CHECK_FALSE(decided(outcome).has_value());
}

TEST_CASE("pauses are drawn evenly below a bound that doubles up to its limit") {
  const retry_options options;

  CHECK(retry_backoff(options, 1, 1) == 250ms);
  CHECK(retry_backoff(options, 2, 1) == 500ms);
  CHECK(retry_backoff(options, 3, 0.5) == 500ms);
  CHECK(retry_backoff(options, 60, 1) == 5000ms);
  CHECK(retry_backoff(options, 4'000'000'000U, 1) == 5000ms);
  CHECK(retry_backoff(options, 5, 0) == 0ms);

  retry_options at_once;
  at_once.base_delay = 0ms;
  CHECK(retry_backoff(at_once, 1, 1) == 0ms);
  CHECK(retry_backoff(at_once, 4'000'000'000U, 1) == 0ms);
}
