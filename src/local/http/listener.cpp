#include "local/http/listener.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daytona::local::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto pause_without_descriptors = std::chrono::milliseconds{50};

}  // namespace

connection_group::connection_group(asio::any_io_executor executor, std::shared_ptr<const service> service)
    : executor_{std::move(executor)}, service_{std::move(service)} {}

void connection_group::start(stream_socket socket) {
  if (connections_.size() >= service_->most_connections && !close_oldest_waiting())
    return;  // its end closes the socket
  const auto added = std::make_shared<connection>(std::move(socket), service_);
  connections_.insert(added);
  auto forget = [weak = weak_from_this(), added](std::exception_ptr) {
    if (const auto self = weak.lock()) self->connections_.erase(added);
  };
  asio::co_spawn(executor_, connection::serve(added), asio::bind_cancellation_slot(added->cancellation_slot(), forget));
}

bool connection_group::close_oldest_waiting() {
  std::shared_ptr<connection> oldest;
  for (const auto& each : connections_)
    if (each->waiting_since() && (!oldest || *each->waiting_since() < *oldest->waiting_since())) oldest = each;
  if (!oldest) return false;
  connections_.erase(oldest);
  oldest->close();
  return true;
}

void connection_group::close_all() {
  const auto connections = connections_;
  for (const auto& connection : connections) connection->close();
}

struct listener::state {
  state(asio::any_io_executor executor, const asio::ip::tcp::endpoint& endpoint)
      : acceptor{executor, endpoint}, pause{executor} {}

  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<connection_group> connections;
};

listener::listener(asio::any_io_executor executor, asio::ip::tcp::endpoint endpoint)
    : state_{std::make_shared<state>(std::move(executor), endpoint)} {}

void listener::start(std::shared_ptr<const service> service) {
  const auto executor = state_->acceptor.get_executor();
  state_->connections = std::make_shared<connection_group>(executor, std::move(service));
  asio::co_spawn(executor, accept_loop(state_), asio::detached);
}

listener::~listener() { close(); }

asio::ip::tcp::endpoint listener::endpoint() const { return state_->acceptor.local_endpoint(); }

void listener::close() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  if (state_->connections) state_->connections->close_all();
}

asio::awaitable<void> listener::accept_loop(std::shared_ptr<state> state) {
  while (state->acceptor.is_open()) {
    error_code error;
    asio::ip::tcp::socket socket =
        co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      socket.set_option(asio::ip::tcp::no_delay{true}, error);
      socket.set_option(asio::socket_base::keep_alive{true}, error);
      state->connections->start(std::move(socket));
    } else if (state->acceptor.is_open()) {  // out of descriptors, or the client is gone already: others may come
      if (error == asio::error::no_descriptors) state->connections->close_oldest_waiting();
      state->pause.expires_after(pause_without_descriptors);
      co_await state->pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

}  // namespace daytona::local::http
