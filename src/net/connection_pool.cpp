#include "net/connection_pool.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace daytona::net {

namespace {

constexpr std::size_t max_spare_buffers = 64;
constexpr std::size_t largest_spare = 256 * 1024;

bool below(std::size_t count, std::size_t limit) { return limit == 0 || count < limit; }

}  // namespace

/// A call that waits for a connection, or for the right to make one.
struct connection_pool::waiting_call : waiter {
  using waiter::waiter;
  std::unique_ptr<link> connection;  // both granted under the pool's lock
  bool may_connect = false;
};

/// The right to make one connection; counted from before it is made.
class connection_pool::permit {
 public:
  permit(connection_pool& pool, origin_slots& slots, timers& clock) : pool_(pool), slots_(slots), clock_(clock) {}
  ~permit() {
    const auto now = clock_.now();
    const std::lock_guard lock{pool_.mutex_};
    --slots_.connecting;
    if (made_)
      ++pool_.opened_;
    else
      --slots_.connections;
    pool_.serve_waiters(slots_, now);
  }
  permit(const permit&) = delete;
  permit& operator=(const permit&) = delete;
  void made() noexcept { made_ = true; }

 private:
  connection_pool& pool_;
  origin_slots& slots_;
  timers& clock_;
  bool made_ = false;
};

/// Stands in line as long as it lives; what it was granted and nobody took goes to the next.
class connection_pool::place_in_line {
 public:
  place_in_line(connection_pool& pool, origin_slots& slots, std::shared_ptr<waiting_call> waiting, timers& clock)
      : pool_(pool), slots_(slots), waiter_(std::move(waiting)), clock_(clock) {}
  ~place_in_line() {
    const auto now = clock_.now();
    const std::lock_guard lock{pool_.mutex_};
    std::erase(slots_.waiters, waiter_);
    auto unused = std::move(waiter_->connection);
    if (waiter_->may_connect) {
      --slots_.connecting;
      --slots_.connections;
      pool_.serve_waiters(slots_, now);
    }
    if (unused) pool_.give_back(slots_, std::move(unused), now);
  }
  place_in_line(const place_in_line&) = delete;
  place_in_line& operator=(const place_in_line&) = delete;

  /// What it was granted: a connection, or null, which is the right to make one.
  std::unique_ptr<link> take() {
    const std::lock_guard lock{pool_.mutex_};
    waiter_->may_connect = false;
    return std::move(waiter_->connection);
  }

 private:
  connection_pool& pool_;
  origin_slots& slots_;
  std::shared_ptr<waiting_call> waiter_;
  timers& clock_;
};

connection_pool::connection_pool(pool_limits limits, std::shared_ptr<net::connector> connector)
    : limits_(limits), connector_(std::move(connector)) {}

connection_pool::~connection_pool() = default;

connection_pool::lease connection_pool::take_kept(operation& op, const origin& where) {
  auto& clock = op.clock();
  const auto now = clock.now();
  const std::lock_guard lock{mutex_};
  const auto found = origins_.find(where);
  if (closed_ || found == origins_.end() || !found->second.waiters.empty()) return {};
  auto& slots = found->second;
  auto kept = take_idle(slots, now);
  if (!kept) return {};
  op.enter(phase::waiting_for_connection);
  return lend(slots, std::move(kept), clock, true);
}

awaitable<connection_pool::lease> connection_pool::acquire(operation& op, origin where, connect_failure& failure) {
  op.enter(phase::waiting_for_connection);
  const auto self = shared_from_this();
  auto& clock = op.clock();
  const auto now = clock.now();
  origin_slots* slots = nullptr;
  std::shared_ptr<waiting_call> waiting;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) {
      failure.code = errc::client_closed;
      failure.what = "the client is closed";
      co_return lease();
    }
    slots = &origins_[where];
    const bool is_first = slots->waiters.empty();
    std::unique_ptr<link> idle;
    if (is_first) idle = take_idle(*slots, now);
    if (idle) co_return lend(*slots, std::move(idle), clock, true);
    for (auto& [elsewhere, others] : origins_) drop_stale(others, now);  // nobody may ever come there again
    if (is_first && may_connect(*slots)) {
      ++slots->connections;
      ++slots->connecting;
    } else if (below(slots->waiters.size(), limits_.max_waiting)) {
      waiting = std::make_shared<waiting_call>(op);
      slots->waiters.push_back(waiting);
    } else {
      failure.code = errc::too_many_waiting;
      failure.what = fmt::format(
          "{} calls wait for a connection to {} already; make fewer at the same time, or raise "
          "config::max_waiting_calls_per_origin or config::max_connections_per_origin",
          slots->waiters.size(), place_of(where));
      co_return lease();
    }
  }
  if (waiting) {
    place_in_line line{*this, *slots, waiting, clock};
    co_await waiting->wait(op, failure.cause);
    if (failure.cause) {
      failure.what = "no connection became free";
      co_return lease();
    }
    auto granted = line.take();
    if (granted) {
      const std::lock_guard lock{mutex_};
      co_return lend(*slots, std::move(granted), clock, true);
    }
  }

  permit right{*this, *slots, clock};
  auto io = co_await connector_->connect(op, std::move(where), failure);
  if (!io) co_return lease();
  right.made();
  auto fresh = std::make_unique<link>();
  fresh->io = std::move(io);
  fresh->born = clock.now();
  const std::lock_guard lock{mutex_};
  co_return lend(*slots, std::move(fresh), clock, false);
}

void connection_pool::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (auto& [where, slots] : origins_) {
    slots.connections -= slots.idle.size();
    slots.idle.clear();
  }
}

std::unique_ptr<connection_pool::link> connection_pool::take_idle(origin_slots& slots, steady_time now) {
  drop_stale(slots, now);
  while (!slots.idle.empty()) {
    auto latest = std::move(slots.idle.back());
    slots.idle.pop_back();
    if (latest->io->is_quiet()) return latest;
    --slots.connections;
  }
  return nullptr;
}

bool connection_pool::may_connect(const origin_slots& slots) const {
  return below(slots.connections, limits_.max_connections) && below(slots.connecting, limits_.max_connecting);
}

void connection_pool::serve_waiters(origin_slots& slots, steady_time now) {
  while (!closed_ && !slots.waiters.empty()) {
    const auto next = slots.waiters.front();
    next->connection = take_idle(slots, now);
    if (!next->connection) {
      if (!may_connect(slots)) return;
      next->may_connect = true;
      ++slots.connections;
      ++slots.connecting;
    }
    slots.waiters.pop_front();
    next->wake();
  }
}

void connection_pool::drop_stale(origin_slots& slots, steady_time now) {
  const auto is_stale = [&](const std::unique_ptr<link>& idle) {
    return now - idle->idle_since >= limits_.idle_timeout || is_too_old(*idle, now);
  };
  slots.connections -= std::erase_if(slots.idle, is_stale);
}

bool connection_pool::is_too_old(const link& connection, steady_time now) const {
  return limits_.max_age.count() != 0 && now - connection.born >= limits_.max_age;
}

void connection_pool::give_back(origin_slots& slots, std::unique_ptr<link> connection, steady_time now) {
  if (closed_ || is_too_old(*connection, now)) {
    --slots.connections;
  } else {
    connection->idle_since = now;
    slots.idle.push_back(std::move(connection));
  }
  serve_waiters(slots, now);
  drop_stale(slots, now);
  if (slots.idle.size() > limits_.max_idle) {
    slots.idle.erase(slots.idle.begin());
    --slots.connections;
  }
}

void connection_pool::discard(origin_slots& slots, steady_time now) {
  --slots.connections;
  serve_waiters(slots, now);
}

connection_pool::lease connection_pool::lend(origin_slots& slots, std::unique_ptr<link> connection, timers& clock,
                                             bool reused) {
  if (reused) ++reused_;
  exchange_buffers buffers;
  if (!spare_buffers_.empty()) {
    buffers = std::move(spare_buffers_.back());
    spare_buffers_.pop_back();
  }
  return {shared_from_this(), slots, std::move(connection), clock, std::move(buffers), reused};
}

void connection_pool::keep_buffers(exchange_buffers buffers) {
  if (buffers.in.capacity() + buffers.out.capacity() > largest_spare) return;
  if (spare_buffers_.size() < max_spare_buffers) spare_buffers_.push_back(std::move(buffers));
}

connection_pool::lease::lease(std::shared_ptr<connection_pool> pool, origin_slots& slots,
                              std::unique_ptr<link> connection, timers& clock, exchange_buffers buffers, bool reused)
    : pool_(std::move(pool)),
      slots_(&slots),
      link_(std::move(connection)),
      clock_(&clock),
      buffers_(std::move(buffers)),
      reused_(reused) {}

std::unique_ptr<stream> connection_pool::lease::detach() {
  auto io = std::move(link_->io);
  *this = lease();
  return io;
}

connection_pool::lease::~lease() {
  if (!link_) return;
  const auto now = clock_->now();
  if (!keep_) link_.reset();
  const std::lock_guard lock{pool_->mutex_};
  pool_->keep_buffers(std::move(buffers_));
  if (keep_)
    pool_->give_back(*slots_, std::move(link_), now);
  else
    pool_->discard(*slots_, now);
}

}  // namespace daytona::net
