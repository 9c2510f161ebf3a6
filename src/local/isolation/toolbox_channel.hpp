#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <memory>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// The control plane's end of the socket that a sandbox's toolbox inherited: the only way in, and nothing else can name
/// it. A shared handle; the sandbox ends when the last handle is closed or gone. Not for use from several threads at
/// once.
class toolbox_channel {
 public:
  toolbox_channel() = default;
  toolbox_channel(boost::asio::any_io_executor executor, unique_fd end);

  /// A fresh connection to the toolbox's HTTP/1.1 service (keep-alive). It is usable at once: what is written waits
  /// until the toolbox reads it.
  /// **Errors**: `connection_error` if the toolbox is gone.
  boost::asio::awaitable<boost::asio::local::stream_protocol::socket> connect() const;

  /// The next connection that something inside made to the egress proxy at 127.0.0.1:3128. One waiter at a time.
  /// **Errors**: `connection_error` once the toolbox is gone. **Cancellation**: at once, nothing is lost.
  boost::asio::awaitable<boost::asio::ip::tcp::socket> next_egress() const;

  /// Ends the sandbox. A waiting `next_egress` ends with `connection_error`.
  void close() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace daytona::local
