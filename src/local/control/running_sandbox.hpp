#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <vector>

#include "local/http/listener.hpp"
#include "local/isolation/toolbox_channel.hpp"

namespace daytona::local {

/// The live half of a started sandbox: the channel to its toolbox, the connections that wait for the next request, and
/// its way out.
class running_sandbox : public std::enable_shared_from_this<running_sandbox> {
 public:
  /// `free_descriptors` is called when there are too few to connect to the toolbox.
  running_sandbox(boost::asio::any_io_executor executor, toolbox_channel channel,
                  std::shared_ptr<const http::service> egress, std::function<void()> free_descriptors);

  /// Begins to serve what the sandbox sends to its egress proxy.
  void start();
  /// A connection to the toolbox: an idle one, or a fresh one. Throws `http_error` 503 without the descriptors for it.
  static boost::asio::awaitable<http::stream_socket> connect(std::shared_ptr<running_sandbox> self);
  /// Keeps a connection whose last exchange is complete.
  void give_back(http::stream_socket socket);
  /// Closes those that wait for a next request; how many there were.
  std::size_t drop_idle();
  /// Ends the sandbox and everything that goes through it.
  void close();

 private:
  static boost::asio::awaitable<void> serve_egress(std::shared_ptr<running_sandbox> self);

  boost::asio::any_io_executor executor_;
  toolbox_channel channel_;
  std::shared_ptr<http::connection_group> egress_;  // null: no way out
  std::function<void()> free_descriptors_;
  std::vector<http::stream_socket> idle_;
  bool closed_ = false;
};

}  // namespace daytona::local
