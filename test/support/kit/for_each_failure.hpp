#pragma once

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <utility>

#include "kit/allocations.hpp"
#include "kit/client_fixture.hpp"

namespace daytona::test {

/// What one run of `for_each_failure` is to do, and at which step.
struct disturbance {
  step_action action = step_action::proceed;
  std::size_t step = 0;
  asio::cancellation_type type = asio::cancellation_type::terminal;
  bool has_body =
      false;  ///< The operation awaits a coroutine of the caller's, in which Asio itself may throw `operation_aborted`.
};

/// What happened in one run.
struct disturbed_run {
  std::size_t steps = 0;
  bool succeeded = false;
  std::optional<daytona::error> error;  ///< Absent also if something else was thrown.
  bool aborted_by_asio = false;
};

/// Checks one run: that it ended as documented, at once, and left the client usable.
void check_disturbed(client_fixture& fixture, const disturbance& what, const disturbed_run& run,
                     std::chrono::nanoseconds bound);
/// Readable: "step 3 cancelled (total)".
std::string told(const disturbance& what);

/// Runs `work` with every kind of cancellation enabled, and checks that it leaves `throw_if_cancelled` as it was.
template <class T>
asio::awaitable<T> all_enabled(asio::awaitable<T> work) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  std::exception_ptr failure;
  typename outcome<T>::stored result{};
  try {
    if constexpr (std::is_void_v<T>)
      co_await std::move(work);
    else
      result = co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  CHECK_MESSAGE(throws, "throw_if_cancelled was not restored");
  if (failure) std::rethrow_exception(failure);
  if constexpr (!std::is_void_v<T>) co_return result;
}

template <class Operation>
disturbed_run run_disturbed(const std::function<void(script&)>& plan, const Operation& operation,
                            const disturbance& what, std::chrono::nanoseconds bound) {
  client_fixture fixture;
  plan(fixture.script());
  fixture.script().forgiving = true;
  asio::cancellation_signal signal;
  fixture.script().on_step = [&](std::size_t step) { return step == what.step ? what.action : step_action::proceed; };
  fixture.script().on_hang = [&] {
    if (what.action == step_action::overtake)
      signal.emit(what.type);
    else
      asio::post(fixture.executor(), [&] { signal.emit(what.type); });
  };

  auto work = operation(fixture);
  const auto end = fixture.run(all_enabled(std::move(work)), signal.slot());

  disturbed_run result;
  result.steps = fixture.script().steps;
  result.succeeded = !end.failed();
  if (end.template is<daytona::error>())
    result.error = end.error();
  else
    result.aborted_by_asio = end.template is<boost::system::system_error>();
  check_disturbed(fixture, what, result, bound);
  return result;
}

/// Lets `operation` follow the script that `plan` writes, again and again: with each step failing, with each step hanging until it is cancelled
/// (terminal, partial and total), and with each step overtaken by a cancellation. Each time it must end with its result or a `daytona::error` that says
/// why, within `bound` of the clock moved by hand; the pool is in order, the next call works, and no memory is kept.
template <class Operation>
void for_each_failure(const std::function<void(script&)>& plan, const Operation& operation,
                      std::chrono::nanoseconds bound = std::chrono::seconds(1), bool has_body = false) {
  const auto undisturbed = run_disturbed(plan, operation, {}, bound);
  REQUIRE(undisturbed.succeeded);
  using asio::cancellation_type;
  for (std::size_t step = 0; step < undisturbed.steps; ++step) {
    for (const auto action : {step_action::fail, step_action::hang, step_action::overtake}) {
      for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        const disturbance what{action, step, type, has_body};
        INFO(told(what));
        run_disturbed(plan, operation, what, bound);  // fills what is kept for ever, like Asio's spare frames
        const auto before = live_allocations();
        run_disturbed(plan, operation, what, bound);
        CHECK_MESSAGE(live_allocations() <= before, "memory is left behind");
        if (action == step_action::fail) break;
      }
    }
  }
}

}  // namespace daytona::test
