#include "net/timers.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>

#include <utility>

namespace daytona::net {

asio::execution_context::id timers::id;

timers& timers_of(const asio::any_io_executor& executor) {
  return asio::use_service<timers>(asio::query(executor, asio::execution::context));
}

timers::timers(asio::execution_context& context) : asio::execution_context::service(context) {}

steady_time timers::now() const {
  if (!is_manual_) return std::chrono::steady_clock::now();
  const std::lock_guard lock{mutex_};
  return manual_now_;
}

void timers::set(timer_entry& entry, steady_time when, const asio::any_io_executor& executor) {
  const std::lock_guard lock{mutex_};
  if (shut_down_) return;
  if (!timer_) timer_.emplace(asio::prefer(executor, asio::execution::outstanding_work.untracked));
  if (entry.position_ != timer_entry::unset) take_out(entry);

  entry.when_ = when;
  heap_.push_back(&entry);
  place(heap_.size() - 1, &entry);
  sift_up(heap_.size() - 1);
  arm();
}

void timers::remove(timer_entry& entry) noexcept {
  const std::lock_guard lock{mutex_};
  if (entry.position_ == timer_entry::unset) return;
  take_out(entry);
  arm();
}

std::size_t timers::size() const {
  const std::lock_guard lock{mutex_};
  return heap_.size();
}

void timers::use_manual_clock(steady_time start) {
  const std::lock_guard lock{mutex_};
  manual_now_ = start;
  is_manual_ = true;
}

void timers::advance_to(steady_time time) {
  const std::lock_guard lock{mutex_};
  manual_now_ = time;
  is_manual_ = true;
  fire_due(time);
}

std::optional<steady_time> timers::next() const {
  const std::lock_guard lock{mutex_};
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->when_;
}

void timers::shutdown() {
  const std::lock_guard lock{mutex_};
  shut_down_ = true;
  timer_.reset();
}

void timers::place(std::size_t position, timer_entry* entry) noexcept {
  heap_[position] = entry;
  entry->position_ = position;
}

void timers::sift_up(std::size_t position) noexcept {
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (heap_[parent]->when_ <= heap_[position]->when_) return;
    auto* const above = heap_[parent];
    place(parent, heap_[position]);
    place(position, above);
    position = parent;
  }
}

void timers::sift_down(std::size_t position) noexcept {
  for (;;) {
    std::size_t least = position;
    for (const std::size_t child : {2 * position + 1, 2 * position + 2})
      if (child < heap_.size() && heap_[child]->when_ < heap_[least]->when_) least = child;
    if (least == position) return;
    auto* const below = heap_[least];
    place(least, heap_[position]);
    place(position, below);
    position = least;
  }
}

void timers::take_out(timer_entry& entry) noexcept {
  const std::size_t position = std::exchange(entry.position_, timer_entry::unset);
  auto* const last = heap_.back();
  heap_.pop_back();
  if (last == &entry) return;
  place(position, last);
  sift_up(position);
  sift_down(last->position_);
}

void timers::fire_due(steady_time now) noexcept {
  while (!heap_.empty() && heap_.front()->when_ <= now) {
    auto& entry = *heap_.front();
    take_out(entry);
    entry.on_time();
  }
}

void timers::arm() {
  if (!timer_ || is_manual_) return;
  if (heap_.empty()) {
    if (armed_at_ == steady_time::max()) return;
    armed_at_ = steady_time::max();
    ++generation_;
    timer_->cancel();
    return;
  }
  // A wait that ends too early finds nothing due and is made anew: cheaper than moving it at each removal.
  if (heap_.front()->when_ >= armed_at_) return;
  armed_at_ = heap_.front()->when_;
  timer_->expires_at(armed_at_);
  timer_->async_wait([this, generation = ++generation_](boost::system::error_code) {
    const std::lock_guard lock{mutex_};
    if (generation != generation_) return;
    armed_at_ = steady_time::max();
    fire_due(std::chrono::steady_clock::now());
    arm();
  });
}

}  // namespace daytona::net
