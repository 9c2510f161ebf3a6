#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <vector>

#include "local/control/address_watch.hpp"
#include "local/control/egress_rules.hpp"
#include "local/http/exchange.hpp"
#include "local/http/service.hpp"
#include "net/resolver.hpp"

namespace daytona::local {

/// The way out of the sandboxes: an HTTP proxy (absolute-form requests and CONNECT) that reaches the public internet
/// and what the rules name, and nothing of this machine or the networks around it. What is checked is the address that
/// is connected to, so a name that leads inside is refused too.
class egress_proxy : public std::enable_shared_from_this<egress_proxy> {
 public:
  explicit egress_proxy(egress_rules rules, net::name_lookup lookup = net::system_lookup)
      : rules_{std::move(rules)}, resolver_{std::move(lookup)} {}

  /// For the connections of one sandbox, or of several, each in a `connection_group` of its own.
  std::shared_ptr<const http::service> service();

 private:
  static boost::asio::awaitable<void> serve(std::shared_ptr<egress_proxy> self, http::exchange& exchange);
  boost::asio::awaitable<void> tunnel(http::exchange& exchange);
  boost::asio::awaitable<void> pass_on(http::exchange& exchange);
  /// Throws `http_error` 403 for what the rules forbid, 502 and 504 for what can't be reached.
  boost::asio::awaitable<http::stream_socket> connect(egress_target target);
  boost::asio::awaitable<std::vector<boost::asio::ip::address>> permitted_addresses(egress_target target);

  egress_rules rules_;
  address_watch machine_;
  net::resolver resolver_;
};

}  // namespace daytona::local
