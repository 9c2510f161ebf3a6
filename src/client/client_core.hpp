#pragma once

#include <daytona/client.hpp>
#include <daytona/config.hpp>

#include <atomic>
#include <memory>
#include <string>

#include "net/connection_pool.hpp"
#include "net/operation.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0::detail {

namespace asio = boost::asio;
template <class T>
using awaitable = asio::awaitable<T>;

/// What all handles of one client share. Checked once, then never changed but by `close`.
struct client_core {
  /// Throws as `client`'s constructor does. `connector` is the real one unless a test gives its own.
  explicit client_core(config configuration, std::shared_ptr<net::connector> given = nullptr);

  static client handle(std::shared_ptr<client_core> core);

  const config settings;
  const protocol::base_url api;
  /// The header fields that every request has, but Host and Authorization.
  const std::string common_fields;

  const std::shared_ptr<net::connector> connector;
  net::operation_registry operations;
  net::pool_directory pools;
  net::pool_directory handshakes;       ///< Of WebSockets, which leave it when they are open.
  std::atomic<std::size_t> streams{0};  ///< WebSockets open now.
  std::atomic<std::size_t> waits{0};    ///< Sandboxes waited for now: their polls share one budget.
};

}  // namespace daytona::inline v0::detail
