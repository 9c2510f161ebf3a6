#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <string_view>

namespace daytona::local::test {

/// Sends `bytes`, closes the sending side if `close` says so, and gives everything that comes back.
inline boost::asio::awaitable<std::string> conversation(boost::asio::ip::tcp::endpoint where, std::string bytes,
                                                        bool close) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket{executor};
  co_await socket.async_connect(where, asio::use_awaitable);
  boost::system::error_code error;
  co_await asio::async_write(socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  if (close) socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::string answer;
  const auto room = asio::dynamic_buffer(answer);
  co_await asio::async_read(socket, room, asio::redirect_error(asio::use_awaitable, error));
  co_return answer;
}

inline std::string get(std::string_view path) { return "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

inline int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

}  // namespace daytona::local::test
