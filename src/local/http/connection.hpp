#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "local/http/alarm.hpp"
#include "local/http/byte_budget.hpp"
#include "local/http/exchange.hpp"
#include "local/http/input_buffer.hpp"
#include "local/http/output_shape.hpp"
#include "local/http/parser.hpp"
#include "local/http/patient_writer.hpp"
#include "local/http/service.hpp"

namespace daytona::local::http {

/// One connection of a client: reads requests one after the other and lets the service answer them.
class connection : public std::enable_shared_from_this<connection> {
 public:
  /// `make_room` ends another, whose answer takes memory and is not read; false if there is none.
  connection(stream_socket socket, std::shared_ptr<const service> service, std::function<bool()> make_room);

  /// Serves requests until either side ends the connection. Never throws for what the client did.
  static boost::asio::awaitable<void> serve(std::shared_ptr<connection> self);

  /// Ends it from outside: the handler that runs is cancelled.
  void close();
  /// Since when it waits for a request; nothing while it serves one.
  std::optional<net::steady_time> waiting_since() const { return waiting_since_; }
  /// Since when its client takes nothing of what is sent to it; nothing if it does, or nothing is sent.
  std::optional<net::steady_time> stalled_since() const { return output_.stalled_since(); }
  /// The same if its answer takes memory of all.
  std::optional<net::steady_time> holding_since() const;
  boost::asio::cancellation_slot cancellation_slot() { return cancellation_.slot(); }

 private:
  friend class exchange;

  boost::asio::awaitable<bool> read_head();
  boost::asio::awaitable<void> serve_one();
  boost::asio::awaitable<void> answer_error(exchange& exchange, http_error error);
  boost::asio::awaitable<std::string> read_body_piece();
  boost::asio::awaitable<void> send_continue();
  boost::asio::awaitable<bool> drain_body();
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<bool> read_more();
  boost::asio::awaitable<void> give_turn();
  ssize_t receive();
  boost::asio::awaitable<void> send(std::string_view first, std::string_view second, std::string_view third);
  bool hold_memory(std::size_t size);
  void feed_parser();
  void arm(std::chrono::milliseconds timeout);
  void disarm();
  void end_late();
  void watch_client(std::function<void()> action);
  void stop_watching();

  boost::asio::any_io_executor executor_;  ///< The socket may be taken.
  stream_socket socket_;
  std::shared_ptr<const service> service_;
  std::function<bool()> make_room_;
  byte_share answer_memory_;
  std::shared_ptr<alarm> limit_;  ///< Of what is waited for from the client.
  patient_writer output_;
  boost::asio::cancellation_signal cancellation_;
  boost::asio::cancellation_signal watch_cancellation_;
  std::function<void()> on_client_gone_;
  input_buffer input_;
  request_parser parser_;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  bool taken_ = false;
  bool muted_ = false;
  std::optional<output_shape> shape_;  ///< Of the answer to the current request.
  std::optional<net::steady_time> waiting_since_;
};

/// `status line + headers + CRLF`. Line breaks in names and values are dropped.
std::string serialized_head(unsigned status, unsigned version, const header_fields& headers);

}  // namespace daytona::local::http
