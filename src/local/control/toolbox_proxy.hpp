#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "local/control/sandboxes.hpp"
#include "local/http/byte_budget.hpp"
#include "local/http/exchange.hpp"

namespace daytona::local {

/// Passes `/toolbox/{id}/…` on to the toolbox of that sandbox: the path with its escapes, the query and the body as
/// they came, without the credentials.
class toolbox_proxy {
 public:
  /// Of the connections, `most_upgraded` may be WebSockets, which last: others stay for calls.
  toolbox_proxy(std::shared_ptr<sandboxes> all, std::size_t most_upgraded)
      : sandboxes_{std::move(all)}, upgraded_{std::make_shared<http::byte_budget>(most_upgraded)} {}

  /// Throws `http_error` with the proxy's codes: `SANDBOX_NOT_FOUND`, `SANDBOX_NOT_STARTED`, `RUNNER_UNREACHABLE`, `TOO_MANY_STREAMS`.
  boost::asio::awaitable<void> serve(http::exchange& exchange) const;

 private:
  std::shared_ptr<sandboxes> sandboxes_;
  http::budget_ptr upgraded_;  // of connections
};

/// A toolbox path taken apart.
struct toolbox_path {
  std::string_view id;    ///< Encoded.
  std::string_view rest;  ///< Encoded, with its leading slash; empty for none.
};
toolbox_path split_toolbox_path(std::string_view raw_path);

}  // namespace daytona::local
