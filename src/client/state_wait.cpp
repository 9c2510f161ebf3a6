#include "client/state_wait.hpp"

#include <daytona/sandbox.hpp>

#include <fmt/format.h>

#include <random>
#include <utility>

#include "client/api_call.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/poll_schedule.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr unsigned max_failures_in_a_row = 5;

/// Counts a wait as long as it lives.
class counted_wait {
 public:
  explicit counted_wait(std::atomic<std::size_t>& waits) : waits_(waits) { ++waits_; }
  ~counted_wait() { --waits_; }
  counted_wait(const counted_wait&) = delete;
  counted_wait& operator=(const counted_wait&) = delete;

 private:
  std::atomic<std::size_t>& waits_;
};

bool is_reached(sandbox_state state, wait_goal goal) {
  switch (goal) {
    case wait_goal::started:
      return state == sandbox_state::started;
    case wait_goal::stopped:
      return state == sandbox_state::stopped || state == sandbox_state::destroyed;
    case wait_goal::destroyed:
      return state == sandbox_state::destroyed;
  }
  return false;
}

bool is_failed(sandbox_state state) { return state == sandbox_state::error || state == sandbox_state::build_failed; }

std::string_view waiting_for(wait_goal goal) {
  switch (goal) {
    case wait_goal::started:
      return "waiting for sandbox to start";
    case wait_goal::stopped:
      return "waiting for sandbox to stop";
    case wait_goal::destroyed:
      return "waiting for sandbox to be removed";
  }
  return {};
}

/// One wait: for whom, for what, and how its messages begin.
struct wait_context {
  wait_context(std::shared_ptr<sandbox_core> target, std::shared_ptr<net::operation> call, wait_goal wanted,
               std::string_view asked)
      : sandbox(std::move(target)),
        op(std::move(call)),
        goal(wanted),
        operation(asked),
        prefix(protocol::message_prefix(asked)) {
    if (asked != waiting_for(wanted)) prefix += protocol::message_prefix(waiting_for(wanted));
  }

  std::shared_ptr<sandbox_core> sandbox;
  std::shared_ptr<net::operation> op;
  wait_goal goal;
  std::string_view operation;
  std::string prefix;
  unsigned failures = 0;
  unsigned seen = 0;  ///< Refreshes of the sandbox, when this wait last looked.
};

error_details details_of(const wait_context& wait, const model::sandbox_data& data) {
  error_details details;
  details.operation = wait.operation;
  details.phase = phase::waiting_state;
  details.sandbox_id = data.id;
  return details;
}

[[noreturn]] void throw_destroyed(const wait_context& wait, const model::sandbox_data& data) {
  auto details = details_of(wait, data);
  if (data.queue_timed_out_at) {
    const auto waited =
        data.queue_timeout ? fmt::format("{} minutes", data.queue_timeout->count()) : std::string("its queue timeout");
    const auto text = fmt::format("{}Sandbox {} was destroyed after waiting {} for a runner (queue timed out at {})",
                                  wait.prefix, data.id, waited, protocol::presentable(*data.queue_timed_out_at));
    throw queue_timeout_error(errc::queue_timeout, text, std::move(details));
  }
  if (data.spot_evicted_at) {
    const auto text = fmt::format("{}Sandbox {} was evicted by spot preemption at {}", wait.prefix, data.id,
                                  protocol::presentable(*data.spot_evicted_at));
    throw spot_evicted_error(errc::spot_evicted, text, std::move(details));
  }
  const auto text =
      fmt::format("{}Sandbox {} was destroyed while it was waited for; create a new one", wait.prefix, data.id);
  throw error(errc::sandbox_destroyed, text, std::move(details));
}

[[noreturn]] void throw_failed(const wait_context& wait, const model::sandbox_data& data) {
  const auto text = fmt::format("{}Sandbox {} entered error state: {}, error reason: {}", wait.prefix, data.id,
                                data.state, protocol::presentable(data.error_reason.value_or("not given")));
  throw error(errc::sandbox_failed, text, details_of(wait, data));
}

/// Whether the wait is over; throws if it can never be.
bool judge(const wait_context& wait, const model::sandbox_data& data) {
  const auto state = model::state_from_text(data.state);
  if (is_reached(state, wait.goal)) return true;
  if (state == sandbox_state::destroyed) throw_destroyed(wait, data);
  if (is_failed(state)) throw_failed(wait, data);
  return false;
}

/// Whether another wait for the same sandbox has read it since this one looked. A failure that it saw may be older than this wait.
bool knows_from_others(wait_context& wait) {
  const auto now = wait.sandbox->refreshes();
  if (std::exchange(wait.seen, now) == now) return false;
  return !is_failed(model::state_from_text(wait.sandbox->data()->state));
}

/// Reads the sandbox; false if nothing was learnt this time.
awaitable<bool> poll(wait_context& wait) {
  try {
    co_await refresh(wait.sandbox, wait.op, wait.operation);
  } catch (const not_found_error&) {
    if (wait.goal == wait_goal::started) throw;
    wait.sandbox->mark_destroyed();
  } catch (const error& e) {
    const bool passes = is_transient(e) || e.code() == errc::invalid_response;
    if (!passes || wait.op->stopped() != net::stop_cause::none || ++wait.failures > max_failures_in_a_row) throw;
    co_return false;
  }
  wait.failures = 0;
  wait.seen = wait.sandbox->refreshes();
  co_return true;
}

/// Until the next look; shorter before the deadline, so that what became of the sandbox in the last second is not missed.
std::chrono::milliseconds pause_before(unsigned round, const wait_context& wait, double jitter) {
  const auto pause = protocol::poll_pause(round, wait.sandbox->client->waits, jitter);
  const auto deadline = wait.op->deadline();
  return deadline ? protocol::pause_before_end(pause, *deadline - wait.op->clock().now()) : pause;
}

}  // namespace

awaitable<void> refresh(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op,
                        std::string_view operation) {
  api_request request{"GET", sandbox_path(sandbox->id), operation};
  request.idempotent = true;
  const auto answer = co_await perform(sandbox->client, op, request);
  sandbox->update(decode<model::sandbox_data>(answer, request));
  sandbox->count_refresh();
}

awaitable<void> wait_until(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op, wait_goal goal,
                           std::string_view operation) {
  if (is_reached(model::state_from_text(sandbox->data()->state), goal)) co_return;

  const counted_wait counted{sandbox->client->waits};
  wait_context wait{sandbox, op, goal, operation};
  std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> jitter{0, 1};
  for (unsigned round = 0;; ++round) {
    bool learnt = round > 0 && knows_from_others(wait);
    if (!learnt) learnt = co_await poll(wait);
    if (learnt && judge(wait, *sandbox->data())) co_return;

    op->enter(phase::waiting_state);
    const auto pause = pause_before(round, wait, jitter(random));
    net::error_code ec;
    co_await net::sleep_until(*op, op->clock().now() + pause, ec);
    if (ec) throw_stopped(*op, wait.prefix, details_of(wait, *sandbox->data()));
  }
}

}  // namespace daytona::inline v0::detail
