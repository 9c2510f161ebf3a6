#include "net/web_socket_registry.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <utility>
#include <vector>

#include "net/web_socket.hpp"

namespace daytona::net {

namespace {

class context_watch : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;
  explicit context_watch(asio::execution_context& context) : asio::execution_context::service(context) {}

  const std::shared_ptr<web_socket_registry> sockets = std::make_shared<web_socket_registry>();

 private:
  void shutdown() override { sockets->end_all(); }
};

asio::execution_context::id context_watch::id;

}  // namespace

std::shared_ptr<web_socket_registry> web_socket_registry::of(const asio::any_io_executor& executor) {
  return asio::use_service<context_watch>(asio::query(executor, asio::execution::context)).sockets;
}

void web_socket_registry::add(const std::shared_ptr<web_socket>& socket) {
  const std::lock_guard lock{mutex_};
  sockets_.emplace(socket.get(), socket);
}

void web_socket_registry::remove(web_socket& socket) noexcept {
  const std::lock_guard lock{mutex_};
  sockets_.erase(&socket);
}

void web_socket_registry::end_all() noexcept {
  std::vector<std::shared_ptr<web_socket>> alive;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [address, known] : sockets_)
      if (auto socket = known.lock()) alive.push_back(std::move(socket));
  }
  for (const auto& socket : alive) socket->on_context_gone();
}

}  // namespace daytona::net
