#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "local/http/byte_budget.hpp"
#include "local/http/exchange.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local::http {

/// What answers the requests of a server, and its limits.
struct service {
  std::function<boost::asio::awaitable<void>(exchange&)> handle;
  /// The answer for an error; `head` is null if the request could not be read.
  std::function<response(const http_error& error, const request_head* head)> error_answer;

  /// At once. One more ends that which waits longest for a request, or else that whose client takes nothing for longest,
  /// or else is for `when_full`.
  std::size_t most_connections = 4096;
  std::shared_ptr<const service> when_full;  ///< Serves who is too many, within its own limits; null = closes them.
  /// Asked when a connection can't be accepted for want of descriptors, before any is ended for it: whether it closed
  /// some that nobody misses. May be empty.
  std::function<bool()> spare_descriptors;
  /// Memory of all answers that wait to be sent. For one too many those end whose clients take nothing, or else it is refused, as `exchange` says.
  budget_ptr answers = std::make_shared<byte_budget>(64 * 1024 * 1024);
  std::size_t header_limit = 64 * 1024;
  std::chrono::milliseconds header_timeout{10'000};  ///< From the first byte of a head to its last.
  std::chrono::milliseconds idle_timeout{70'000};    ///< Between requests.
  std::chrono::milliseconds body_timeout{60'000};    ///< Without a byte of an announced body.
  std::chrono::milliseconds write_timeout{
      300'000};  ///< Without a byte taken of what is sent; waiting for data is free.
};

}  // namespace daytona::local::http
