#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "kit/client_fixture.hpp"

namespace daytona::test {

/// An operation and the conversation that it has with its peer, to be disturbed.
struct disturbed_operation {
  std::function<void(script&)> plan;
  std::function<asio::awaitable<void>(client_fixture&)> call;
  std::chrono::nanoseconds bound =
      std::chrono::seconds(1);  ///< Of the clock moved by hand, for a disturbed run with all its attempts.
  /// It awaits a coroutine of the caller's, in which Asio itself may throw `operation_aborted`.
  bool has_body = false;
  std::chrono::nanoseconds clean_up{
      0};  ///< What it may do after its cancellation; 0 = it ends without any time passing.
};

/// `work` without its result.
template <class T>
asio::awaitable<void> discard(asio::awaitable<T> work) {
  static_cast<void>(co_await std::move(work));
}

/// Lets the operation follow the script that its plan writes, again and again: with each step failing, with each step hanging until it is cancelled
/// (terminal, partial and total), with each step overtaken by a cancellation, and with each pause cancelled. Each time it must end with its result or a
/// `daytona::error` that says why, within its bound; the pool is in order, the next call works, and no memory, deadline or descriptor is kept. Whether
/// memory is kept takes a second run of each, and is looked at only if `counts_memory`.
void for_each_failure(const disturbed_operation& what, reached_by way = reached_by::memory, bool counts_memory = true);

template <class Operation>
void for_each_failure(std::function<void(script&)> plan, Operation operation,
                      std::chrono::nanoseconds bound = std::chrono::seconds(1), bool has_body = false) {
  disturbed_operation what;
  what.plan = std::move(plan);
  what.call = [operation](client_fixture& fixture) { return discard(operation(fixture)); };
  what.bound = bound;
  what.has_body = has_body;
  for_each_failure(what);
}

}  // namespace daytona::test
