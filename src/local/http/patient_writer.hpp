#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "net/timers.hpp"

namespace daytona::local::http {

/// Writes to a peer that may not read. One that takes not a byte for as long as the patience lasts is let go; one that
/// takes some now and then, however few, is not.
class patient_writer {
 public:
  explicit patient_writer(std::chrono::milliseconds patience) : patience_{patience} {}

  /// All of the three, one behind the other; they live until it is done. When the patience is at its end it closes the
  /// socket and throws `system_error`, `timed_out`.
  boost::asio::awaitable<void> write(boost::asio::generic::stream_protocol::socket& socket, std::string_view first,
                                     std::string_view second = {}, std::string_view third = {});

  /// Since when there was no room for what is to be written; nothing while there is.
  std::optional<net::steady_time> stalled_since() const { return stalled_since_; }
  std::chrono::milliseconds patience() const { return patience_; }

 private:
  boost::asio::awaitable<void> wait_for_room(boost::asio::generic::stream_protocol::socket& socket);

  std::chrono::milliseconds patience_;
  std::optional<net::steady_time> stalled_since_;
  std::size_t written_this_turn_ = 0;
};

}  // namespace daytona::local::http
