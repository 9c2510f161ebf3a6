#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <map>
#include <memory>
#include <mutex>

namespace daytona::net {

class web_socket;

/// The WebSockets of one execution context, which end before it does.
class web_socket_registry {
 public:
  /// Of the context that `executor` runs on.
  static std::shared_ptr<web_socket_registry> of(const boost::asio::any_io_executor& executor);

  void add(const std::shared_ptr<web_socket>& socket);
  void remove(web_socket& socket) noexcept;
  void end_all() noexcept;

 private:
  std::mutex mutex_;
  std::map<web_socket*, std::weak_ptr<web_socket>> sockets_;
};

}  // namespace daytona::net
