#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/http/exchange.hpp"

namespace daytona::local::http {

/// The values of a pattern's `{…}` segments, decoded, in their order.
using path_parameters = std::vector<std::string>;
using route_handler = std::function<boost::asio::awaitable<void>(exchange&, path_parameters)>;

/// Finds the handler of a request: by method and path segments, compared before an escape is decoded, so that `%2F`
/// stays within its segment. Where several patterns match, the one whose first differing segment is literal wins:
/// `/sandbox/paginated` before `/sandbox/{id}`.
class router {
 public:
  struct match {
    const route_handler* handler = nullptr;
    path_parameters parameters;
  };

  void add(std::string_view method, std::string_view pattern, route_handler handler);
  /// Nothing for an unknown path or method, and for a path whose escapes are broken.
  std::optional<match> find(std::string_view method, std::string_view raw_path) const;

 private:
  struct route {
    std::string method;
    std::vector<std::string> segments;
    route_handler handler;
  };
  std::vector<route> routes_;  // the more literal first
};

}  // namespace daytona::local::http
