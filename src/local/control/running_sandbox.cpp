#include "local/control/running_sandbox.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include "local/control/descriptors.hpp"

namespace daytona::local {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_idle = 16;

/// An idle connection must have nothing to read: neither the end nor bytes that nobody asked for.
bool is_quiet(http::stream_socket& socket) {
  char byte = 0;
  return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

running_sandbox::running_sandbox(asio::any_io_executor executor, toolbox_channel channel,
                                 std::shared_ptr<const http::service> egress, std::function<void()> free_descriptors)
    : executor_{std::move(executor)}, channel_{std::move(channel)}, free_descriptors_{std::move(free_descriptors)} {
  if (egress) egress_ = std::make_shared<http::connection_group>(executor_, std::move(egress));
}

void running_sandbox::start() { asio::co_spawn(executor_, serve_egress(shared_from_this()), asio::detached); }

asio::awaitable<http::stream_socket> running_sandbox::connect(std::shared_ptr<running_sandbox> self) {
  while (!self->idle_.empty()) {
    http::stream_socket socket = std::move(self->idle_.back());
    self->idle_.pop_back();
    if (is_quiet(socket)) co_return socket;
  }
  require_descriptors(2, self->free_descriptors_);  // both ends, until one is sent to the toolbox
  asio::local::stream_protocol::socket fresh = co_await self->channel_.connect();
  co_return http::stream_socket{std::move(fresh)};
}

void running_sandbox::give_back(http::stream_socket socket) {
  if (!closed_ && idle_.size() < most_idle) idle_.push_back(std::move(socket));
}

std::size_t running_sandbox::drop_idle() {
  const auto count = idle_.size();
  idle_.clear();
  return count;
}

void running_sandbox::close() {
  closed_ = true;
  channel_.close();
  idle_.clear();
  if (egress_) egress_->close_all();
}

asio::awaitable<void> running_sandbox::serve_egress(std::shared_ptr<running_sandbox> self) {
  try {
    for (;;) {
      asio::ip::tcp::socket socket = co_await self->channel_.next_egress();
      if (self->closed_) break;
      if (self->egress_) self->egress_->start(std::move(socket));
      co_await asio::post(self->executor_, asio::use_awaitable);  // others have their turn, however many come
    }
  } catch (const std::exception&) {
    // the toolbox is gone, and with it whoever could ask
  }
}

}  // namespace daytona::local
