#include "local/http/patient_writer.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <span>

#include "local/http/alarm.hpp"

namespace daytona::local::http {
namespace asio = boost::asio;
using boost::system::error_code;
using stream_socket = asio::generic::stream_protocol::socket;

namespace {

constexpr std::size_t most_in_a_turn = 256 * 1024;

iovec part(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

void drop(std::span<iovec>& parts, std::size_t size) {
  while (!parts.empty()) {
    const auto taken = std::min(size, parts.front().iov_len);
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + taken;
    parts.front().iov_len -= taken;
    size -= taken;
    if (parts.front().iov_len > 0) return;
    parts = parts.subspan(1);
  }
}

ssize_t send_some(stream_socket& socket, std::span<iovec> parts) {
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// What the kernel still holds for the peer. It shrinks with what the peer takes, long before the socket counts as
/// writable again.
int unsent(stream_socket& socket) {
  int bytes = 0;
  return ::ioctl(socket.native_handle(), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

}  // namespace

asio::awaitable<void> patient_writer::write(stream_socket& socket, std::string_view first, std::string_view second,
                                            std::string_view third) {
  std::array<iovec, 3> parts{part(first), part(second), part(third)};
  std::span<iovec> left{parts};
  drop(left, 0);
  while (!left.empty()) {
    const auto n = send_some(socket, left);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) throw boost::system::system_error{errno, boost::system::system_category()};
    if (n < 0) {
      co_await wait_for_room(socket);
      continue;
    }
    drop(left, static_cast<std::size_t>(n));
    written_this_turn_ += static_cast<std::size_t>(n);
    if (written_this_turn_ < most_in_a_turn) continue;
    written_this_turn_ = 0;
    co_await asio::post(socket.get_executor(), asio::use_awaitable);  // others have their turn, however fast it reads
  }
}

asio::awaitable<void> patient_writer::wait_for_room(stream_socket& socket) {
  const auto& clock = net::timers_of(socket.get_executor());
  bool late = false;
  int queued = unsent(socket);
  std::shared_ptr<alarm> limit;
  limit = std::make_shared<alarm>(socket.get_executor(), [&] {
    const int left = unsent(socket);
    late = left >= queued;
    if (late) {
      error_code ignored;
      socket.close(ignored);
      return;
    }
    queued = left;
    limit->set(patience_);
  });
  limit->set(patience_);
  stalled_since_ = clock.now();
  written_this_turn_ = 0;
  error_code error;
  co_await socket.async_wait(stream_socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
  stalled_since_.reset();
  if (late) throw boost::system::system_error{asio::error::timed_out};
  if (error) throw boost::system::system_error{error};
}

}  // namespace daytona::local::http
