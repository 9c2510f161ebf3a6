#include "local/http/listener.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daytona::local::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto pause_without_descriptors = std::chrono::milliseconds{50};
constexpr auto pause_for_an_end = std::chrono::milliseconds{1};
constexpr auto shortest_stall = std::chrono::seconds{1};  ///< A client may have other things to do for a moment.

using since = std::optional<net::steady_time> (connection::*)() const;

bool is_out_of_descriptors(const error_code& error) {
  return error == asio::error::no_descriptors || error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::system::errc::no_buffer_space || error == boost::system::errc::not_enough_memory;
}

std::shared_ptr<connection> longest(const std::unordered_set<std::shared_ptr<connection>>& connections, since began) {
  std::shared_ptr<connection> found;
  for (const auto& each : connections) {
    const auto time = (*each.*began)();
    if (time && (!found || *time < *(*found.*began)())) found = each;
  }
  return found;
}

}  // namespace

connection_group::connection_group(asio::any_io_executor executor, std::shared_ptr<const service> service)
    : executor_{std::move(executor)}, service_{std::move(service)} {}

void connection_group::start(stream_socket socket) {
  if (connections_.size() >= service_->most_connections && !make_room()) return turn_away(std::move(socket));
  const auto free_memory = [weak = weak_from_this()] {
    const auto self = weak.lock();
    return self && self->free_memory();
  };
  const auto added = std::make_shared<connection>(std::move(socket), service_, free_memory);
  connections_.insert(added);
  auto forget = [weak = weak_from_this(), added](std::exception_ptr) {
    if (const auto self = weak.lock()) self->connections_.erase(added);
  };
  asio::co_spawn(executor_, connection::serve(added), asio::bind_cancellation_slot(added->cancellation_slot(), forget));
}

void connection_group::turn_away(stream_socket socket) {
  if (!service_->when_full) return;  // its end closes the socket
  if (!turned_away_) turned_away_ = std::make_shared<connection_group>(executor_, service_->when_full);
  turned_away_->start(std::move(socket));
}

bool connection_group::free_descriptors() {
  if (service_->spare_descriptors && service_->spare_descriptors()) return true;
  return (turned_away_ && turned_away_->make_room()) || make_room();
}

bool connection_group::make_room() {
  const auto waiting = longest(connections_, &connection::waiting_since);
  if (!waiting) return end_stalled(&connection::stalled_since);
  end(waiting);
  return true;
}

bool connection_group::free_memory() { return end_stalled(&connection::holding_since); }

bool connection_group::end_stalled(since began) {
  const auto stalled = longest(connections_, began);
  const auto now = net::timers_of(executor_).now();
  if (!stalled || now - *(*stalled.*began)() < shortest_stall) return false;
  end(stalled);
  return true;
}

void connection_group::end(const std::shared_ptr<connection>& ending) {
  connections_.erase(ending);
  ending->close();
}

void connection_group::close_all() {
  const auto connections = connections_;
  for (const auto& connection : connections) connection->close();
  if (turned_away_) turned_away_->close_all();
}

struct listener::state {
  state(asio::any_io_executor executor, const asio::ip::tcp::endpoint& endpoint)
      : acceptor{executor, endpoint}, pause{executor} {
    acceptor.non_blocking(true);
  }

  void accept_one(error_code& error);

  asio::ip::tcp::acceptor acceptor;
  clock_wait pause;
  std::shared_ptr<connection_group> connections;
};

listener::listener(asio::any_io_executor executor, asio::ip::tcp::endpoint endpoint)
    : state_{std::make_shared<state>(std::move(executor), endpoint)} {}

void listener::start(std::shared_ptr<const service> service) {
  const auto executor = state_->acceptor.get_executor();
  state_->connections = std::make_shared<connection_group>(executor, std::move(service));
  accept_all(state_);
}

void listener::accept_all(const std::shared_ptr<state>& state) {
  asio::co_spawn(state->acceptor.get_executor(), accept_loop(state), [state](std::exception_ptr failure) {
    if (failure && state->acceptor.is_open()) accept_all(state);  // one that there was no memory for
  });
}

listener::~listener() { close(); }

asio::ip::tcp::endpoint listener::endpoint() const { return state_->acceptor.local_endpoint(); }

void listener::close() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.wake();
  if (state_->connections) state_->connections->close_all();
}

void listener::state::accept_one(error_code& error) {
  asio::ip::tcp::socket socket{acceptor.get_executor()};
  acceptor.accept(socket, error);
  if (error) return;
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
  socket.set_option(asio::socket_base::keep_alive{true}, ignored);
  connections->start(std::move(socket));
}

/// Without descriptors whoever comes waits, and those that wait for a request make room one by one: only once somebody
/// has come, as accepting fails for want of a descriptor also when nobody has.
asio::awaitable<void> listener::accept_loop(std::shared_ptr<state> state) {
  while (state->acceptor.is_open()) {
    error_code error;
    co_await state->acceptor.async_wait(asio::socket_base::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (error) continue;
    state->accept_one(error);
    if (!is_out_of_descriptors(error)) continue;
    const bool some = state->connections->free_descriptors();
    co_await state->pause.wait(some ? pause_for_an_end : pause_without_descriptors);
  }
}

}  // namespace daytona::local::http
