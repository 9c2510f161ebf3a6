#pragma once

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

#include "net/operation.hpp"

namespace daytona::net {

/// Finds the addresses of a name without ever blocking an io_context or its destructor: `getaddrinfo` runs on up to four detached threads, started on
/// first use, which hold nothing of the caller's. They end with the resolver, as soon as the system lets them.
class resolver {
 public:
  resolver();
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// At least one address, or `ec`. An address is its own answer, and a name under `.localhost` is loopback, without asking.
  awaitable<std::vector<asio::ip::address>> resolve(operation& op, std::string host, error_code& ec);

 private:
  class worker_pool;
  std::shared_ptr<worker_pool> workers_;
};

/// The addresses that need no asking: literals and loopback names. Empty otherwise.
std::vector<asio::ip::address> addresses_without_asking(const std::string& host);

}  // namespace daytona::net
