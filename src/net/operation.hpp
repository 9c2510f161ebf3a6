#pragma once

#include <daytona/error.hpp>
#include <daytona/tracing.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <vector>

#include "net/timers.hpp"

namespace daytona::net {

template <class T>
using awaitable = asio::awaitable<T>;
using error_code = boost::system::error_code;

/// What an operation waits in, so that it can be woken. Called on the operation's executor.
class cancellable {
 public:
  virtual void cancel() noexcept = 0;

 protected:
  ~cancellable() = default;
};

/// Why an operation was stopped from outside.
enum class stop_cause { none, caller, deadline, closed };

class operation_registry;

/// One call under way: its absolute deadline, its phase, and the one place through which it is stopped.
///
/// It belongs to its call's executor; only `request_stop` may be called from elsewhere. A caller's own cancellation reaches the pending Asio operation
/// through the coroutine's slot; everything else comes through `stop`.
class operation final : public timer_entry, public std::enable_shared_from_this<operation> {
 public:
  /// Of the coroutine that `executor` and `cancellation` are of. Without `timeout` it has no deadline yet.
  operation(asio::any_io_executor executor, asio::cancellation_state cancellation,
            std::optional<std::chrono::nanoseconds> timeout, bool traced);
  ~operation() override;
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  const asio::any_io_executor& executor() const noexcept { return executor_; }
  timers& clock() const noexcept { return timers_; }

  /// Absent = none. Replaces the former one.
  void set_deadline(std::optional<steady_time> deadline);
  std::optional<steady_time> deadline() const noexcept { return deadline_; }

  void enter(phase where);
  phase where() const noexcept { return phase_; }
  /// The phases so far with their durations, and a fresh start for the next attempt. Empty unless traced.
  std::vector<phase_duration> take_phases();

  /// Ends the pending wait, and every later one at once.
  void stop(stop_cause cause);
  void request_stop(stop_cause cause);
  /// Why it was stopped; looks at the caller's cancellation too.
  stop_cause stopped() const noexcept;

  /// While it lives, `stop` cancels `target`. Not made if the operation is stopped already: then `ec` says `operation_aborted`.
  class waiting {
   public:
    waiting(operation& op, cancellable& target, error_code& ec);
    ~waiting();
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;

   private:
    operation& op_;
  };

 private:
  friend class operation_registry;
  friend class tighter_deadline;
  void on_time() noexcept override;
  void stop_if_late();

  asio::any_io_executor executor_;
  timers& timers_;
  asio::cancellation_state cancellation_;
  asio::cancellation_type cancelled_before_;
  std::optional<steady_time> deadline_;
  stop_cause stopped_ = stop_cause::none;
  cancellable* waiting_in_ = nullptr;

  phase phase_ = phase::none;
  bool traced_ = false;
  steady_time phase_began_{};
  std::vector<phase_duration> phases_;

  operation_registry* registry_ = nullptr;
  operation* previous_ = nullptr;
  operation* next_ = nullptr;
};

/// An operation of the calling coroutine.
awaitable<std::shared_ptr<operation>> begin_operation(std::optional<std::chrono::nanoseconds> timeout);

/// The deadline of one phase within the whole call's. With the scope the former one returns, and the operation goes on if that has not passed.
class tighter_deadline {
 public:
  tighter_deadline(operation& op, std::chrono::nanoseconds limit);
  ~tighter_deadline();
  tighter_deadline(const tighter_deadline&) = delete;
  tighter_deadline& operator=(const tighter_deadline&) = delete;

 private:
  operation& op_;
  std::optional<steady_time> former_;
};

/// The operations of one client, so that closing it ends them. Outlives them. Any thread.
class operation_registry {
 public:
  operation_registry() = default;
  operation_registry(const operation_registry&) = delete;
  operation_registry& operator=(const operation_registry&) = delete;

  /// False if it was closed: the operation is not to begin.
  bool add(operation& op);
  void remove(operation& op) noexcept;
  void close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  operation* first_ = nullptr;
  bool closed_ = false;
};

/// Suspends one coroutine until `notify`. `notify` is called on the executor of the waiting operation.
class wake_up final : public cancellable {
 public:
  explicit wake_up(const asio::any_io_executor& executor);
  awaitable<void> wait(operation& op, error_code& ec);
  void notify() noexcept;
  void cancel() noexcept override;

 private:
  asio::steady_timer timer_;
  bool notified_ = false;
};

/// Waits until `when`; `ec` is clear then, or `operation_aborted`.
awaitable<void> sleep_until(operation& op, steady_time when, error_code& ec);

}  // namespace daytona::net
