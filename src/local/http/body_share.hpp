#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

#include "local/http/byte_budget.hpp"
#include "local/http/exchange.hpp"

namespace daytona::local::http {

/// What the body of one request has of the budget for all of them, from its first byte on until what it asked for is done: what a body asks to be run is
/// as large as the body. It goes back at the end of the share's life, or earlier.
class body_share {
 public:
  explicit body_share(budget_ptr budget) : share_{std::move(budget)} {}

  /// Reads the whole body. Throws `http_error` 413 beyond `limit`, 503 beyond the budget, 400 if it is cut or malformed. The share lives until then.
  boost::asio::awaitable<std::string> read(exchange& exchange, std::size_t limit);
  void give_back() { share_.give_back(); }

 private:
  [[noreturn]] void refuse() const;

  byte_share share_;
};

}  // namespace daytona::local::http
