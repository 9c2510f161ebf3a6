#pragma once

#include <daytona/config.hpp>
#include <daytona/pool_figures.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "net/connector.hpp"
#include "net/http_exchange.hpp"
#include "net/wait_list.hpp"

namespace daytona::net {

struct pool_limits {
  std::size_t max_connections = 0;  ///< To one origin; 0 = no limit.
  std::size_t max_connecting = 0;   ///< To one origin; 0 = no limit.
  std::size_t max_idle = 0;         ///< To one origin.
  std::size_t max_waiting = 0;      ///< Calls for one origin; 0 = no limit.
  std::chrono::milliseconds idle_timeout{};
  std::chrono::milliseconds max_age{};  ///< 0 = no limit.
};

/// The connections of one client in one execution context, kept by origin.
///
/// Bounded, first come first served. An idle pool holds no timer and no pending operation: ages are looked at when a connection is taken or given back.
/// Any thread of the context; the connections die with the context, the pool object may outlive it.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
 public:
  connection_pool(pool_limits limits, std::shared_ptr<net::connector> connector);
  ~connection_pool();
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;

  class lease;
  /// A kept connection for one exchange if there is one and nobody waits for it, else an empty lease: what `acquire` gives without a coroutine.
  lease take_kept(operation& op, const origin& where);
  /// A connection for one exchange, or an empty lease and why there is none.
  awaitable<lease> acquire(operation& op, origin where, connect_failure& failure);

  /// Closes what is idle, and every connection when it comes back.
  void close();
  bool closed() const noexcept { return closed_; }

  struct figures {
    std::size_t idle = 0, connections = 0, connecting = 0, waiting = 0;
  };
  figures count() const;
  /// Adds what it holds, and what it did.
  void report(pool_figures& sum) const;

 private:
  struct link {
    std::unique_ptr<stream> io;
    steady_time born, idle_since;
  };
  struct waiting_call;
  struct origin_slots {
    std::vector<std::unique_ptr<link>> idle;  // oldest first
    std::size_t connections = 0;              // idle, in use and being made
    std::size_t connecting = 0;
    std::deque<std::shared_ptr<waiting_call>> waiters;
  };
  class permit;
  class place_in_line;

  std::unique_ptr<link> take_idle(origin_slots& slots, steady_time now);
  bool may_connect(const origin_slots& slots) const;
  void serve_waiters(origin_slots& slots, steady_time now);
  void drop_stale(origin_slots& slots, steady_time now);
  bool is_too_old(const link& connection, steady_time now) const;
  // The following with the lock held.
  void give_back(origin_slots& slots, std::unique_ptr<link> connection, steady_time now);
  void discard(origin_slots& slots, steady_time now);
  lease lend(origin_slots& slots, std::unique_ptr<link> connection, timers& clock, bool reused);
  void keep_buffers(exchange_buffers buffers);

  const pool_limits limits_;
  const std::shared_ptr<net::connector> connector_;
  mutable std::mutex mutex_;
  std::atomic<bool> closed_{false};  // changed with the lock held
  std::map<origin, origin_slots> origins_;
  std::vector<exchange_buffers> spare_buffers_;
  std::uint64_t opened_ = 0, reused_ = 0;
};

/// A connection on loan. It goes back to the pool if `keep()` was called, else it is closed.
class connection_pool::lease {
 public:
  lease() = default;
  lease(lease&&) noexcept = default;
  lease& operator=(lease&& other) noexcept {
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~lease();

  explicit operator bool() const noexcept { return link_ != nullptr; }
  stream& io() const noexcept { return *link_->io; }
  exchange_buffers& buffers() noexcept { return buffers_; }
  bool is_reused() const noexcept { return reused_; }
  void keep() noexcept { keep_ = true; }
  /// The connection leaves the pool, which counts it no longer: it serves something else from now on.
  std::unique_ptr<stream> detach();

 private:
  friend class connection_pool;
  lease(std::shared_ptr<connection_pool> pool, origin_slots& slots, std::unique_ptr<link> connection, timers& clock,
        exchange_buffers buffers, bool reused);

  std::shared_ptr<connection_pool> pool_;
  origin_slots* slots_ = nullptr;
  std::unique_ptr<link> link_;
  timers* clock_ = nullptr;
  exchange_buffers buffers_;
  bool reused_ = false;
  bool keep_ = false;
};

/// The pool of one client in the context of `executor`: made on first use, closed when the context ends.
class pool_directory {
 public:
  pool_directory(pool_limits limits, std::shared_ptr<net::connector> connector);
  ~pool_directory();
  pool_directory(const pool_directory&) = delete;
  pool_directory& operator=(const pool_directory&) = delete;

  std::shared_ptr<connection_pool> pool_of(const asio::any_io_executor& executor);
  void close();
  /// Of all contexts together. Any thread.
  daytona::pool_figures figures() const;

 private:
  /// Lets the pools go whose contexts are gone. With the lock held.
  void forget_closed();

  const pool_limits limits_;
  const std::shared_ptr<net::connector> connector_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::map<asio::execution_context*, std::shared_ptr<connection_pool>> pools_;
  daytona::pool_figures past_;  // what pools did whose context is gone
};

}  // namespace daytona::net
