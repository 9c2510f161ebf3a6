#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

#include "local/http/exchange.hpp"

namespace daytona::local::http {

/// How many bytes the bodies of all requests may take together, from their first byte on until what they asked for is done: what a body asks to be run
/// is as large as the body. Each is limited, but there may be any number of requests.
class body_budget {
 public:
  explicit body_budget(std::size_t most) : most_{most} {}
  body_budget(const body_budget&) = delete;
  body_budget& operator=(const body_budget&) = delete;

 private:
  friend class body_share;
  std::size_t most_;
  std::size_t used_ = 0;
};

/// What one request has of the budget. It goes back at the end of the share's life, or earlier.
class body_share {
 public:
  explicit body_share(body_budget& budget) : budget_{budget} {}
  ~body_share() { give_back(); }
  body_share(const body_share&) = delete;
  body_share& operator=(const body_share&) = delete;

  /// Reads the whole body. Throws `http_error` 413 beyond `limit`, 503 beyond the budget, 400 if it is cut or malformed. The share lives until then.
  boost::asio::awaitable<std::string> read(exchange& exchange, std::size_t limit);
  void give_back();

 private:
  void check(std::size_t more) const;

  body_budget& budget_;
  std::size_t held_ = 0;
};

}  // namespace daytona::local::http
