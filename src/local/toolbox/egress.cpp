#include "local/toolbox/egress.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>

#include "local/isolation/packet.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;

namespace daytona::local::toolbox {

namespace {

constexpr unsigned short egress_port = 3128;
// While the control plane is behind, or descriptors are short.
constexpr std::chrono::milliseconds pause{20};

}  // namespace

asio::awaitable<void> hand_out_connections(int channel) {
  const auto executor = co_await asio::this_coro::executor;
  const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), egress_port};
  tcp::acceptor acceptor{executor, endpoint};
  asio::steady_timer timer{executor};
  for (;;) {
    boost::system::error_code error;
    tcp::socket accepted = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    while (!error) {
      const std::vector<int> travelling(1, accepted.native_handle());
      error = send_packet(channel, R"({"type":"egress"})", travelling);
      if (error != boost::system::errc::operation_would_block) break;
      timer.expires_after(pause);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    if (!error) continue;
    timer.expires_after(pause);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace daytona::local::toolbox
