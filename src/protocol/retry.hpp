#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include "daytona/config.hpp"

namespace daytona::protocol {

using steady_time = std::chrono::steady_clock::time_point;

/// How one attempt of a request ended.
struct attempt_outcome {
  unsigned attempt = 1;         ///< Counts from 1.
  bool is_transient = false;    ///< `daytona::is_transient` of the failure.
  bool request_sent = true;     ///< A byte of it left: it may have run.
  bool refused = false;         ///< The server said that it did not run it (429, a state change under way).
  bool idempotent = false;      ///< Running it twice has the effect of running it once.
  bool body_replayable = true;  ///< The body is still there, whole.
  std::optional<std::chrono::milliseconds> retry_after;  ///< The server's wish.
  std::optional<steady_time> deadline;                   ///< Of the whole call; absent = none.

  bool may_repeat() const noexcept {
    return is_transient && body_replayable && (!request_sent || refused || idempotent);
  }
};

struct give_up {};
struct retry_after {
  std::chrono::milliseconds wait{};
};
using retry_action = std::variant<give_up, retry_after>;

/// What to do after an attempt. Pure: time and randomness (`jitter` in [0, 1]) come in, an action goes out.
retry_action decide_retry(const retry_options& options, const attempt_outcome& outcome, steady_time now, double jitter);

/// The pause after `attempt` attempts: drawn evenly from nothing to a bound that doubles each time.
std::chrono::milliseconds retry_backoff(const retry_options& options, unsigned attempt, double jitter);

}  // namespace daytona::protocol
