#pragma once

#include <daytona/log_stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>

namespace daytona::test {

/// What is left of a log until its end.
inline boost::asio::awaitable<std::string> rest_of(log_stream log) {
  std::string all;
  for (;;) {
    const auto chunk = co_await log.next();
    if (!chunk) co_return all;
    all += chunk->bytes;
  }
}

}  // namespace daytona::test
