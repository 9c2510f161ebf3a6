#include "local/isolation/toolbox_channel.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include "daytona/error.hpp"
#include "local/isolation/packet.hpp"

namespace asio = boost::asio;

namespace daytona::local {

namespace {

using wait_type = asio::posix::descriptor_base::wait_type;

connection_error gone(boost::system::error_code cause = {}) {
  error_details details;
  details.cause = cause;
  return {make_error_code(errc::connection_lost), "the sandbox's toolbox is gone; start the sandbox again",
          std::move(details)};
}

}  // namespace

struct toolbox_channel::state {
  state(asio::any_io_executor executor, unique_fd end) : socket{executor, end.release()} {}
  asio::posix::stream_descriptor socket;

  static asio::awaitable<void> wait(std::shared_ptr<state> self, wait_type what) {
    boost::system::error_code error;
    co_await self->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
    const bool closed = !self->socket.is_open();
    if (closed) throw gone();
    if (error) throw boost::system::system_error{error};
  }

  static asio::awaitable<asio::local::stream_protocol::socket> connect(std::shared_ptr<state> self) {
    boost::system::error_code error;
    auto ends = socket_pair(SOCK_STREAM, error);
    if (error) throw gone(error);
    const std::vector<int> travelling(1, ends.second.get());
    while (self->socket.is_open()) {
      error = send_packet(self->socket.native_handle(), R"({"type":"connection"})", travelling);
      if (!error) co_return asio::local::stream_protocol::socket{self->socket.get_executor(), {}, ends.first.release()};
      if (error != boost::system::errc::operation_would_block) break;
      co_await wait(self, wait_type::wait_write);
    }
    throw gone(error);
  }

  static asio::awaitable<asio::ip::tcp::socket> next_egress(std::shared_ptr<state> self) {
    while (self->socket.is_open()) {
      boost::system::error_code error;
      auto received = receive_packet(self->socket.native_handle(), error);
      if (received && received->descriptors.size() == 1)
        co_return asio::ip::tcp::socket{self->socket.get_executor(), asio::ip::tcp::v4(),
                                        received->descriptors.front().release()};
      if (!received && error != boost::system::errc::operation_would_block) throw gone(error);
      if (!received) co_await wait(self, wait_type::wait_read);
    }
    throw gone();
  }
};

toolbox_channel::toolbox_channel(asio::any_io_executor executor, unique_fd end)
    : state_{std::make_shared<state>(std::move(executor), std::move(end))} {}

asio::awaitable<asio::local::stream_protocol::socket> toolbox_channel::connect() const {
  return state::connect(state_);
}

asio::awaitable<asio::ip::tcp::socket> toolbox_channel::next_egress() const { return state::next_egress(state_); }

void toolbox_channel::close() const {
  boost::system::error_code ignored;
  if (state_) state_->socket.close(ignored);
}

}  // namespace daytona::local
