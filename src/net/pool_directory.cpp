#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <utility>

#include "net/connection_pool.hpp"

namespace daytona::net {

namespace {

/// Closes the pools of a context before its sockets lose their ground.
class pool_closer : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;
  explicit pool_closer(asio::execution_context& context) : asio::execution_context::service(context) {}

  void add(const std::shared_ptr<connection_pool>& pool) {
    const std::lock_guard lock{mutex_};
    std::erase_if(pools_, [](const auto& known) { return known.expired(); });
    pools_.push_back(pool);
  }

 private:
  void shutdown() override {
    for (const auto& known : pools_)
      if (const auto pool = known.lock()) pool->close();
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<connection_pool>> pools_;
};

asio::execution_context::id pool_closer::id;

}  // namespace

pool_directory::pool_directory(pool_limits limits, std::shared_ptr<net::connector> connector)
    : limits_(limits), connector_(std::move(connector)) {}

pool_directory::~pool_directory() { close(); }

std::shared_ptr<connection_pool> pool_directory::pool_of(const asio::any_io_executor& executor) {
  auto& context = asio::query(executor, asio::execution::context);
  const std::lock_guard lock{mutex_};
  const auto known = pools_.find(&context);
  if (known != pools_.end() && !known->second->closed()) return known->second;

  forget_closed();  // that of another context at this address too
  auto pool = std::make_shared<connection_pool>(limits_, connector_);
  if (closed_) pool->close();
  asio::use_service<pool_closer>(context).add(pool);
  pools_.emplace(&context, pool);
  return pool;
}

void pool_directory::forget_closed() {
  std::erase_if(pools_, [this](const auto& one) {
    const bool is_over = one.second->closed();
    if (is_over) one.second->report(past_);
    return is_over;
  });
  past_.origins.clear();
}

void pool_directory::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (auto& [context, pool] : pools_) pool->close();
}

}  // namespace daytona::net
