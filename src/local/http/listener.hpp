#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <unordered_set>

#include "local/http/connection.hpp"
#include "local/http/service.hpp"

namespace daytona::local::http {

/// Runs connections on one executor and can end them all.
class connection_group : public std::enable_shared_from_this<connection_group> {
 public:
  connection_group(boost::asio::any_io_executor executor, std::shared_ptr<const service> service);

  void start(stream_socket socket);
  /// Closes descriptors: what the service can spare, or else an end as for a connection too many. False if all are needed.
  bool free_descriptors();
  /// Ends every connection; their handlers are cancelled.
  void close_all();
  std::size_t size() const { return connections_.size(); }

 private:
  /// Ends the connection that has waited longest for a request, or else that whose client has taken nothing for longest;
  /// false if all are busy.
  bool make_room();
  /// Ends the connection whose client has taken nothing of an answer that takes memory for longest; false if there is none.
  bool free_memory();
  bool end_stalled(std::optional<net::steady_time> (connection::*began)() const);
  void end(const std::shared_ptr<connection>& ending);
  void turn_away(stream_socket socket);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<const service> service_;
  std::unordered_set<std::shared_ptr<connection>> connections_;
  std::shared_ptr<connection_group> turned_away_;  ///< Null before the first.
};

/// Accepts TCP connections and serves them.
class listener {
 public:
  /// Binds and listens; clients that connect wait for `start`. Throws `boost::system::system_error`.
  listener(boost::asio::any_io_executor executor, boost::asio::ip::tcp::endpoint endpoint);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  boost::asio::ip::tcp::endpoint endpoint() const;
  void start(std::shared_ptr<const service> service);
  /// Stops accepting and ends every connection.
  void close();

 private:
  struct state;
  static void accept_all(const std::shared_ptr<state>& state);
  static boost::asio::awaitable<void> accept_loop(std::shared_ptr<state> state);
  std::shared_ptr<state> state_;
};

}  // namespace daytona::local::http
