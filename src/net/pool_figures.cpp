// What pools tell of themselves.
#include <fmt/format.h>

#include "net/connection_pool.hpp"

namespace daytona::net {

connection_pool::figures connection_pool::count() const {
  const std::lock_guard lock{mutex_};
  figures sum;
  for (const auto& [where, slots] : origins_) {
    sum.idle += slots.idle.size();
    sum.connections += slots.connections;
    sum.connecting += slots.connecting;
    sum.waiting += slots.waiters.size();
  }
  return sum;
}

void connection_pool::report(pool_figures& sum) const {
  const std::lock_guard lock{mutex_};
  sum.opened += opened_;
  sum.reused += reused_;
  for (const auto& [where, slots] : origins_) {
    auto& one = sum.origins[fmt::format("{}://{}", where.tls ? "https" : "http", place_of(where))];
    one.connections += slots.connections;
    one.idle += slots.idle.size();
    one.connecting += slots.connecting;
    one.waiting += slots.waiters.size();
  }
}

daytona::pool_figures pool_directory::figures() const {
  const std::lock_guard lock{mutex_};
  daytona::pool_figures sum;
  sum.opened = past_.opened;
  sum.reused = past_.reused;
  sum.resumed_tls_sessions = connector_->resumed_sessions();
  for (const auto& [context, pool] : pools_) pool->report(sum);
  return sum;
}

}  // namespace daytona::net
