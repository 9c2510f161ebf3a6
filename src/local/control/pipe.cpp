#include "local/control/pipe.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "local/http/patient_writer.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t buffer_size = 64 * 1024;

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

asio::awaitable<void> copy_until_end(std::shared_ptr<pipe_end> from, std::shared_ptr<pipe_end> to) {
  std::string buffer(buffer_size, '\0');
  try {
    for (;;) {
      const auto n = co_await from->socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
      co_await write_all(*to, std::string_view{buffer}.substr(0, n));
    }
  } catch (const boost::system::system_error& error) {
    error_code ignored;
    if (error.code() == asio::error::eof)
      to->socket.shutdown(asio::socket_base::shutdown_send, ignored);
    else {
      from->close_both_ways();
      to->close_both_ways();
    }
  }
}

}  // namespace

asio::awaitable<void> pipe(http::raw_stream left, http::raw_stream right) {
  const auto patience = left.write_timeout;
  const auto one = std::make_shared<pipe_end>(std::move(left.socket), left.shape, patience);
  const auto other = std::make_shared<pipe_end>(std::move(right.socket), right.shape, patience);
  if (!right.left_over.empty()) co_await write_all(*one, right.left_over);
  if (!left.left_over.empty()) co_await write_all(*other, left.left_over);

  const auto executor = co_await asio::this_coro::executor;
  const auto back_ended = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const auto running = std::make_shared<bool>(true);
  asio::co_spawn(executor, copy_until_end(other, one), [back_ended, running](std::exception_ptr) {
    *running = false;
    back_ended->cancel();
  });
  co_await copy_until_end(one, other);
  if (*running) {
    error_code ignored;
    co_await back_ended->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace daytona::local
