#include "local/http/output_shape.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>

#include "local/http/alarm.hpp"

namespace daytona::local::http {
namespace asio = boost::asio;
using stream_socket = asio::generic::stream_protocol::socket;

namespace {

constexpr int steps_per_second = 20;

}  // namespace

asio::awaitable<void> output_shape::write(stream_socket& socket, patient_writer& writer, std::string_view bytes) {
  const bool cut = left_ && bytes.size() >= *left_;
  if (cut) bytes = bytes.substr(0, static_cast<std::size_t>(*left_));
  if (left_) *left_ -= bytes.size();
  if (!bytes.empty()) co_await write_slowly(socket, writer, bytes);
  if (!cut) co_return;
  boost::system::error_code ignored;
  socket.close(ignored);
  throw boost::system::system_error{asio::error::connection_aborted};
}

asio::awaitable<void> output_shape::write_slowly(stream_socket& socket, patient_writer& writer,
                                                 std::string_view bytes) const {
  const auto step = bytes_per_second_ == 0
                        ? bytes.size()
                        : static_cast<std::size_t>(std::max<std::uint64_t>(1, bytes_per_second_ / steps_per_second));
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    co_await writer.write(socket, piece);
    if (bytes_per_second_ == 0) continue;
    co_await pause(std::chrono::microseconds{1'000'000 * piece.size() / bytes_per_second_});
  }
}

}  // namespace daytona::local::http
