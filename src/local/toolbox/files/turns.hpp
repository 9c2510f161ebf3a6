#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

#include "local/http/exchange.hpp"

namespace daytona::local::toolbox {

/// Divides long work for a request into turns, between which the toolbox serves others, and ends it once nobody waits for it any longer.
class turns {
 public:
  /// The request's body was read.
  explicit turns(http::exchange& exchange);

  /// Counts a step; whether it was the last of this turn: `co_await end_turn()` then.
  bool is_over(std::size_t steps = 1);
  /// Throws `boost::system::system_error` once the client has left.
  boost::asio::awaitable<void> end_turn();

 private:
  std::size_t steps_ = 0;
  std::shared_ptr<bool> has_left_ = std::make_shared<bool>(false);
};

}  // namespace daytona::local::toolbox
