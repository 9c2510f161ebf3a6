#include "local/control/pipe.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "local/http/alarm.hpp"
#include "local/http/patient_writer.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t most_at_once = 64 * 1024;

/// A side of the pipe, and how it is written to.
struct pipe_end {
  pipe_end(http::stream_socket connected, std::optional<http::output_shape> wanted, std::chrono::milliseconds patience)
      : socket{std::move(connected)}, shape{wanted}, writer{patience} {}

  void close_both_ways() {
    error_code ignored;
    socket.shutdown(asio::socket_base::shutdown_both, ignored);
  }

  http::stream_socket socket;
  std::optional<http::output_shape> shape;
  http::patient_writer writer;
};

asio::awaitable<void> write_all(pipe_end& to, std::string_view bytes) {
  if (to.shape)
    co_await to.shape->write(to.socket, to.writer, bytes);
  else
    co_await to.writer.write(to.socket, bytes);
}

asio::awaitable<void> write_early(pipe_end& to, std::string bytes) {
  if (!bytes.empty()) co_await write_all(to, bytes);
}

/// What has come, at its end nothing; absent if there is nothing by now. A side that is silent holds no buffer.
std::optional<std::string> receive(pipe_end& from) {
  std::array<char, most_at_once> bytes;
  const auto n = ::recv(from.socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n >= 0) return std::string(bytes.data(), static_cast<std::size_t>(n));
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  throw boost::system::system_error{errno, boost::system::system_category()};
}

asio::awaitable<void> copy_until_end(std::shared_ptr<pipe_end> from, std::shared_ptr<pipe_end> to) {
  try {
    for (;;) {
      const auto bytes = receive(*from);
      if (!bytes) {
        co_await from->socket.async_wait(http::stream_socket::wait_read, asio::use_awaitable);
        continue;
      }
      if (bytes->empty()) break;
      co_await write_all(*to, *bytes);
    }
    error_code ignored;
    to->socket.shutdown(asio::socket_base::shutdown_send, ignored);
  } catch (const boost::system::system_error&) {
    from->close_both_ways();
    to->close_both_ways();
  }
}

}  // namespace

asio::awaitable<void> pipe(http::raw_stream left, http::raw_stream right,
                           std::optional<std::chrono::milliseconds> rest) {
  const auto patience = left.write_timeout;
  const auto one = std::make_shared<pipe_end>(std::move(left.socket), left.shape, patience);
  const auto other = std::make_shared<pipe_end>(std::move(right.socket), right.shape, patience);
  co_await write_early(*one, std::exchange(right.left_over, {}));
  co_await write_early(*other, std::exchange(left.left_over, {}));

  const auto executor = co_await asio::this_coro::executor;
  const auto back_ended = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const auto running = std::make_shared<bool>(true);
  const auto limit = std::make_shared<http::alarm>(executor, [one, other] {
    one->close_both_ways();
    other->close_both_ways();
  });
  asio::co_spawn(executor, copy_until_end(other, one), [back_ended, running, limit, rest](std::exception_ptr) {
    *running = false;
    back_ended->cancel();
    if (rest) limit->set(*rest);
  });
  co_await copy_until_end(one, other);
  if (*running) {
    error_code ignored;
    if (rest) limit->set(*rest);
    co_await back_ended->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  limit->stop();
}

}  // namespace daytona::local
