#include "kit/for_each_failure.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "kit/allocations.hpp"

namespace daytona::test {

namespace {

using asio::cancellation_type;

/// What one run is to do, and where.
struct disturbance {
  step_action action = step_action::proceed;
  std::size_t step = 0;
  cancellation_type type = cancellation_type::terminal;
  bool at_pause = false;  ///< `step` counts the pauses between requests instead.
};

/// What happened in one run.
struct disturbed_run {
  std::size_t steps = 0;
  std::size_t pauses = 0;
  bool succeeded = false;
  std::optional<daytona::error> error;  ///< Absent also if something else was thrown.
  bool aborted_by_asio = false;
  std::optional<std::chrono::nanoseconds> cancelled_at;
};

/// Runs `work` with every kind of cancellation enabled, and checks that it leaves `throw_if_cancelled` as it was.
asio::awaitable<void> all_enabled(asio::awaitable<void> work) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  CHECK_MESSAGE(throws, "throw_if_cancelled was not restored");
  if (failure) std::rethrow_exception(failure);
}

std::string_view name_of(cancellation_type type) {
  if (type == cancellation_type::terminal) return "terminal";
  return type == cancellation_type::partial ? "partial" : "total";
}

/// Readable: "step 3 cancelled (total)".
std::string told(const disturbance& what) {
  switch (what.action) {
    case step_action::proceed:
      return "undisturbed";
    case step_action::fail:
      return fmt::format("step {} failed", what.step);
    case step_action::hang:
      return fmt::format("{} {} cancelled ({})", what.at_pause ? "pause" : "step", what.step, name_of(what.type));
    case step_action::overtake:
      return fmt::format("step {} overtaken by a cancellation ({})", what.step, name_of(what.type));
  }
  return {};
}

void check_failure(const disturbed_operation& operation, const disturbance& what, const disturbed_run& run,
                   reached_by way) {
  if (run.aborted_by_asio && operation.has_body && what.action != step_action::fail) return;
  REQUIRE_MESSAGE(run.error.has_value(), "it ended with something else than a daytona::error");
  const auto& error = *run.error;
  INFO(error.message());
  CHECK_FALSE(error.operation().empty());
  CHECK(error.message().starts_with("Fail"));
  if (what.action == step_action::fail) {
    const bool by_proxy = is_by_proxy(way) && error.code() == errc::proxy_failed;
    const bool documented = error.code() == errc::connection_failed || error.code() == errc::connection_lost;
    CHECK_MESSAGE((documented || by_proxy), "neither connection_failed nor connection_lost");
  } else if (what.action == step_action::overtake && error.details().answered) {
    // the answer, an error, was first
  } else if (operation.has_body && error.code() == errc::timeout) {
    CHECK(error.operation() == "remove sandbox");  // out of the cancellation's reach, and bounded by its own deadline
  } else {
    CHECK(error.code() == asio::error::operation_aborted);
  }
}

void check_disturbed(client_fixture& fixture, const disturbed_operation& operation, const disturbance& what,
                     const disturbed_run& run, reached_by way) {
  if (!run.succeeded) check_failure(operation, what, run, way);
  if (what.action == step_action::hang) CHECK_MESSAGE(!run.succeeded, "a cancelled call succeeded");
  CHECK_MESSAGE(fixture.elapsed() <= operation.bound, "it took too long");
  if (run.cancelled_at)
    CHECK_MESSAGE(fixture.elapsed() - *run.cancelled_at <= operation.clean_up,
                  "it did not end at once when it was cancelled");
  fixture.settle();
  const auto pool = fixture.pool();
  CHECK_MESSAGE(pool.connections == pool.idle, "a slot of the pool is left behind");
  CHECK(pool.connecting == 0);
  CHECK(pool.waiting == 0);

  fixture.script().on_step = nullptr;
  fixture.let_names_go();  // too late for the call that was disturbed: the answer serves the next one
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
  CHECK_MESSAGE(!fixture.run(fixture.client().get("another")).failed(), "the next call does not work");
}

disturbed_run run_disturbed(const disturbed_operation& operation, const disturbance& what, reached_by way) {
  asio::cancellation_signal signal;
  disturbed_run result;
  client_fixture fixture{client_fixture::default_config(), way};
  operation.plan(fixture.script());
  fixture.script().forgiving = true;
  const auto cancel = [&] {
    result.cancelled_at = fixture.elapsed();
    signal.emit(what.type);
  };
  const auto cancel_soon = [&] { asio::post(fixture.executor(), cancel); };
  fixture.script().on_step = [&](std::size_t step) {
    return step == what.step && !what.at_pause ? what.action : step_action::proceed;
  };
  fixture.script().on_hang = [&] { what.action == step_action::overtake ? cancel() : cancel_soon(); };
  fixture.on_pause = [&] {
    if (result.pauses++ == what.step && what.at_pause) cancel_soon();
  };

  const auto end = fixture.run(all_enabled(operation.call(fixture)), signal.slot());

  fixture.on_pause = nullptr;
  result.steps = fixture.script().steps;
  result.succeeded = !end.failed();
  if (end.is<daytona::error>())
    result.error = end.error();
  else
    result.aborted_by_asio = end.is<boost::system::system_error>();
  check_disturbed(fixture, operation, what, result, way);
  return result;
}

std::vector<disturbance> all_disturbances(const disturbed_run& undisturbed) {
  std::vector<disturbance> all;
  constexpr std::array types{cancellation_type::terminal, cancellation_type::partial, cancellation_type::total};
  for (std::size_t step = 0; step < undisturbed.steps; ++step) {
    all.push_back({step_action::fail, step});
    for (const auto type : types) all.push_back({step_action::hang, step, type});
    for (const auto type : types) all.push_back({step_action::overtake, step, type});
  }
  for (std::size_t pause = 0; pause < undisturbed.pauses; ++pause)
    for (const auto type : types) all.push_back({step_action::hang, pause, type, true});
  return all;
}

}  // namespace

void for_each_failure(const disturbed_operation& operation, reached_by way, bool counts_memory) {
  const auto undisturbed = run_disturbed(operation, {}, way);
  REQUIRE(undisturbed.succeeded);
  for (const auto& what : all_disturbances(undisturbed)) {
    INFO(told(what));
    run_disturbed(operation, what, way);  // fills what is kept for ever, like Asio's spare frames
    const bool is_measured = way == reached_by::memory || what.type == cancellation_type::terminal;
    if (!counts_memory || !is_measured) continue;
    const auto before = live_allocations();
    run_disturbed(operation, what, way);
    CHECK_MESSAGE(live_allocations() <= before, "memory is left behind");
  }
}

}  // namespace daytona::test
