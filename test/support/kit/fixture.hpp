#pragma once

#include <daytona/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "net/timers.hpp"

namespace daytona::test {

namespace asio = boost::asio;

/// How a coroutine ended.
template <class T>
class outcome {
 public:
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  bool failed() const { return failure != nullptr; }
  const stored& value() const {
    if (failure) std::rethrow_exception(failure);
    return *result;
  }
  /// The `daytona::error` it ended with; anything else is passed on.
  daytona::error error() const {
    if (!failure) throw std::logic_error("it succeeded, although a failure was expected");
    try {
      std::rethrow_exception(failure);
    } catch (const daytona::error& e) {
      return e;
    }
  }
  template <class Error>
  bool is() const {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const Error&) {
      return true;
    } catch (...) {
    }
    return false;
  }

  std::optional<stored> result;
  std::exception_ptr failure;
};

/// Descriptors this process has open.
std::size_t open_descriptors();

/// An io_context with a clock that stands still while anything can run, and jumps to the next deadline when nothing can.
/// At its end it checks that no deadline, no work and no descriptor is left.
class fixture {
 public:
  fixture();
  ~fixture();
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  asio::io_context& io() { return io_; }
  asio::any_io_executor executor() { return io_.get_executor(); }
  std::chrono::nanoseconds elapsed() const;

  /// Runs `work` to its end. Throws if it can never end: nothing runs and nothing is waited for in time.
  template <class T>
  outcome<T> run(asio::awaitable<T> work, asio::cancellation_slot slot = {}) {
    struct state {
      outcome<T> end;
      bool done = false;
    };
    const auto shared = std::make_shared<state>();  // shared, as a coroutine that hangs ends after this function
    auto finish = [shared](std::exception_ptr failure, auto... value) {
      shared->end.failure = failure;
      if (!failure) shared->end.result.emplace(std::move(value)...);
      shared->done = true;
    };
    asio::co_spawn(io_, std::move(work), asio::bind_cancellation_slot(slot, finish));
    run_until([&] { return shared->done; });
    return std::move(shared->end);
  }

  /// Runs handlers, and time when there are none, until `done`.
  void run_until(const std::function<bool()>& done);
  /// Runs what can run now, without moving time.
  void settle();

  /// Told before time is moved, as nothing runs: everything waits for a time.
  std::function<void()> on_pause;

 protected:
  /// Whether peers are reached through real sockets: time is not moved while the kernel has something on its way.
  bool through_kernel = true;
  /// Whether a thread of the test's own is about to bring something, for which time is not moved either. Empty = none.
  std::function<bool()> is_awaiting_thread;

 private:
  /// True if something came of what the kernel or a thread had on its way.
  bool await_others();

  asio::io_context io_{1};
  net::timers& timers_;
  std::size_t descriptors_before_ = 0;
  net::steady_time start_;
};

}  // namespace daytona::test
