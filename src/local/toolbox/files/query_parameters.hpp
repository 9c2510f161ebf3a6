#pragma once

#include <string>
#include <string_view>

#include "local/http/exchange.hpp"
#include "local/http/target.hpp"

namespace daytona::local::toolbox {

/// The parameters in a request's query. What is empty counts as absent. A path is bytes, all but NUL.
class query_parameters {
 public:
  explicit query_parameters(const http::exchange& exchange);

  /// Empty = absent. Throws `http_error` 400 if it has a NUL.
  std::string text(std::string_view name) const;
  /// Throws `http_error` 400 if it is absent.
  std::string required(std::string_view name) const;

 private:
  http::query query_;
};

}  // namespace daytona::local::toolbox
