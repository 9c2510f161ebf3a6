#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "net/operation.hpp"

namespace daytona::test {

/// What a `config::jwt_provider` does that never has a token: it waits until its call is stopped, and ends as Asio's own operations do.
inline net::awaitable<std::string> hanging_token() {
  const auto op = co_await net::begin_operation(std::nullopt);
  net::wake_up never{op->executor()};
  net::error_code ec;
  co_await never.wait(*op, ec);
  throw boost::system::system_error(ec);
}

}  // namespace daytona::test
