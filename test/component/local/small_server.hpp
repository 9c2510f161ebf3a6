#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "local/http/busy_service.hpp"
#include "local/http/listener.hpp"
#include "net/timers.hpp"

namespace daytona::local::test {

/// A clock that stands still but for `pass`.
class manual_clock {
 public:
  explicit manual_clock(boost::asio::io_context& io) : timers_{net::timers_of(io.get_executor())} {
    timers_.use_manual_clock(net::steady_time{std::chrono::hours{24}});
  }
  void pass(std::chrono::nanoseconds time) { timers_.advance_to(timers_.now() + time); }
  /// What is waited for, in time.
  std::size_t deadlines() const { return timers_.size(); }

 private:
  net::timers& timers_;
};

/// Runs what can run now; how much that was. Ends only if nothing runs in circles.
inline std::size_t settle(boost::asio::io_context& io) {
  std::size_t ran = 0;
  io.restart();
  while (io.poll_one() > 0) ++ran;
  return ran;
}

/// A server of one handler, answering `ok` by default, with raw clients.
struct small_server {
  using socket = boost::asio::ip::tcp::socket;
  using handler = std::function<boost::asio::awaitable<void>(http::exchange&)>;

  explicit small_server(std::size_t most = 4096, handler handle = say_ok, bool tells_who_is_too_many = false) {
    auto made = std::make_shared<http::service>();
    made->handle = std::move(handle);
    made->error_answer = [](const http::http_error& error, const http::request_head*) {
      return http::response{error.status(), error.message()};
    };
    made->most_connections = most;
    if (tells_who_is_too_many) made->when_full = http::busy_service(*made);
    service = made;
    listener.start(made);
  }
  ~small_server() {
    listener.close();
    settle(io);
  }

  static boost::asio::awaitable<void> say_ok(http::exchange& exchange) {
    http::response whole{200, "ok", "text/plain"};
    co_await exchange.respond(std::move(whole));
  }

  socket connected() {
    socket made{io};
    made.connect(listener.endpoint());
    settle(io);
    return made;
  }
  void ask(socket& client, std::string_view bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\n") {
    boost::asio::write(client, boost::asio::buffer(bytes));
    settle(io);
  }
  /// Whether the server has ended the connection; whatever it sent is dropped.
  bool is_ended(socket& client) {
    settle(io);
    client.non_blocking(true);
    char bytes[4096];
    boost::system::error_code error;
    while (client.read_some(boost::asio::buffer(bytes), error) > 0) {
    }
    return error != boost::asio::error::would_block;
  }
  void pass(std::chrono::nanoseconds time) {
    clock.pass(time);
    settle(io);
  }

  boost::asio::io_context io{1};
  manual_clock clock{io};
  std::shared_ptr<const http::service> service;
  http::listener listener{io.get_executor(),
                          boost::asio::ip::tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
};

/// A server whose answers wait until its gate is opened.
struct gated_server : small_server {
  explicit gated_server(std::size_t most = 4096, bool tells_who_is_too_many = false)
      : small_server{most, [this](http::exchange& exchange) { return say_ok_behind(gate, exchange); },
                     tells_who_is_too_many} {}

  void open() {
    gate.cancel();
    settle(io);
  }

  boost::asio::steady_timer gate{io, boost::asio::steady_timer::time_point::max()};

 private:
  static boost::asio::awaitable<void> say_ok_behind(boost::asio::steady_timer& gate, http::exchange& exchange) {
    boost::system::error_code opened;
    co_await gate.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, opened));
    co_await say_ok(exchange);
  }
};

}  // namespace daytona::local::test
