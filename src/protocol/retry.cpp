#include "protocol/retry.hpp"

#include <algorithm>
#include <cmath>

namespace daytona::protocol {

constexpr unsigned max_doublings = 64;  // any delay is longer than any other by then; and 0 times infinity is no number

std::chrono::milliseconds retry_backoff(const retry_options& options, unsigned attempt, double jitter) {
  const double doubled = std::ldexp(1.0, static_cast<int>(std::clamp(attempt, 1U, max_doublings)) - 1);
  const double grown = static_cast<double>(options.base_delay.count()) * doubled;
  const double bound = std::min(grown, static_cast<double>(options.max_delay.count()));
  return std::chrono::milliseconds(std::llround(std::max(bound, 0.0) * std::clamp(jitter, 0.0, 1.0)));
}

retry_action decide_retry(const retry_options& options, const attempt_outcome& outcome, steady_time now,
                          double jitter) {
  if (!outcome.may_repeat()) return give_up{};
  if (outcome.attempt >= options.max_attempts) return give_up{};

  const auto wait = outcome.retry_after.value_or(retry_backoff(options, outcome.attempt, jitter));
  if (outcome.deadline && now + wait >= *outcome.deadline)
    return give_up{};  // the caller's time, not the server's wish
  return retry_after{wait};
}

}  // namespace daytona::protocol
