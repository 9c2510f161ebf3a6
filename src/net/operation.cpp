#include "net/operation.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace daytona::net {

operation::operation(asio::any_io_executor executor, asio::cancellation_state cancellation,
                     std::optional<std::chrono::nanoseconds> timeout, bool traced)
    : executor_(std::move(executor)),
      timers_(timers_of(executor_)),
      cancellation_(cancellation),
      cancelled_before_(cancellation_.cancelled()),
      traced_(traced) {
  if (traced_) phase_began_ = timers_.now();
  if (timeout) set_deadline(timers_.now() + *timeout);
}

operation::~operation() {
  timers_.remove(*this);
  if (registry_ != nullptr) registry_->remove(*this);
}

void operation::set_deadline(std::optional<steady_time> deadline) {
  deadline_ = deadline;
  if (deadline_)
    timers_.set(*this, *deadline_, executor_);
  else
    timers_.remove(*this);
}

void operation::enter(phase where) {
  if (traced_) {
    const auto now = timers_.now();
    if (phase_ != phase::none) phases_.push_back({phase_, now - phase_began_});
    phase_began_ = now;
  }
  phase_ = where;
}

std::vector<phase_duration> operation::take_phases() {
  enter(phase::none);
  return std::exchange(phases_, {});
}

void operation::stop(stop_cause cause) {
  if (stopped_ == stop_cause::none) stopped_ = cause;
  if (waiting_in_ != nullptr) waiting_in_->cancel();
}

void operation::request_stop(stop_cause cause) {
  asio::post(executor_, [self = weak_from_this(), cause] {
    if (const auto op = self.lock()) op->stop(cause);
  });
}

stop_cause operation::stopped() const noexcept {
  if (stopped_ != stop_cause::none) return stopped_;
  return cancellation_.cancelled() == cancelled_before_ ? stop_cause::none : stop_cause::caller;
}

void operation::on_time() noexcept {
  asio::post(executor_, [self = weak_from_this()] {
    if (const auto op = self.lock()) op->stop_if_late();
  });
}

// The phase whose deadline it was may have ended in the meantime.
void operation::stop_if_late() {
  if (deadline_ && timers_.now() >= *deadline_) stop(stop_cause::deadline);
}

operation::waiting::waiting(operation& op, cancellable& target, error_code& ec) : op_(op) {
  ec.clear();
  if (op_.stopped() != stop_cause::none)
    ec = asio::error::operation_aborted;
  else
    op_.waiting_in_ = &target;
}

operation::waiting::~waiting() { op_.waiting_in_ = nullptr; }

awaitable<std::shared_ptr<operation>> begin_operation(std::optional<std::chrono::nanoseconds> timeout) {
  auto executor = co_await asio::this_coro::executor;
  auto cancellation = co_await asio::this_coro::cancellation_state;
  co_return std::make_shared<operation>(std::move(executor), cancellation, timeout, false);
}

tighter_deadline::tighter_deadline(operation& op, std::chrono::nanoseconds limit) : op_(op), former_(op.deadline()) {
  if (limit.count() == 0) return;
  const auto when = op_.clock().now() + limit;
  if (!former_ || when < *former_) op_.set_deadline(when);
}

tighter_deadline::~tighter_deadline() {
  if (op_.deadline() == former_) return;
  const bool whole_call_is_over = former_ && op_.clock().now() >= *former_;
  if (op_.stopped_ == stop_cause::deadline && !whole_call_is_over) op_.stopped_ = stop_cause::none;
  op_.set_deadline(former_);
}

bool operation_registry::add(operation& op) {
  const std::lock_guard lock{mutex_};
  if (closed_) return false;
  op.registry_ = this;
  op.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &op;
  first_ = &op;
  return true;
}

void operation_registry::remove(operation& op) noexcept {
  const std::lock_guard lock{mutex_};
  (op.previous_ != nullptr ? op.previous_->next_ : first_) = op.next_;
  if (op.next_ != nullptr) op.next_->previous_ = op.previous_;
  op.registry_ = nullptr;
}

void operation_registry::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (auto* op = first_; op != nullptr; op = op->next_) op->request_stop(stop_cause::closed);
}

bool operation_registry::closed() const {
  const std::lock_guard lock{mutex_};
  return closed_;
}

wake_up::wake_up(const asio::any_io_executor& executor) : timer_(executor, steady_time::max()) {}

awaitable<void> wake_up::wait(operation& op, error_code& ec) {
  const operation::waiting waiting{op, *this, ec};
  if (ec || notified_) co_return;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  if (notified_) ec.clear();
}

void wake_up::notify() noexcept {
  notified_ = true;
  timer_.cancel();
}

void wake_up::cancel() noexcept { timer_.cancel(); }

namespace {

/// Wakes a pause when its time has come.
class alarm final : public timer_entry, public std::enable_shared_from_this<alarm> {
 public:
  explicit alarm(operation& op) : executor_(op.executor()), timers_(op.clock()), bell(executor_) {}
  ~alarm() override { timers_.remove(*this); }
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;

  void set(steady_time when) { timers_.set(*this, when, executor_); }

 private:
  void on_time() noexcept override {
    asio::post(executor_, [self = weak_from_this()] {
      if (const auto pause = self.lock()) pause->bell.notify();
    });
  }

  asio::any_io_executor executor_;
  timers& timers_;

 public:
  wake_up bell;
};

}  // namespace

awaitable<void> sleep_until(operation& op, steady_time when, error_code& ec) {
  const auto pause = std::make_shared<alarm>(op);
  pause->set(when);
  co_await pause->bell.wait(op, ec);
}

}  // namespace daytona::net
