#include "local/toolbox/files/query_parameters.hpp"

#include "local/http/http_error.hpp"

namespace daytona::local::toolbox {

query_parameters::query_parameters(const http::exchange& exchange)
    : query_{exchange.head().raw_query(), http::query_rules::strict} {}

std::string query_parameters::text(std::string_view name) const {
  const auto value = query_.find(name).value_or("");
  if (value.find('\0') != std::string_view::npos)
    throw http::http_error{400, "bad request: the parameter " + std::string{name} + " has a NUL"};
  return std::string{value};
}

std::string query_parameters::required(std::string_view name) const {
  std::string value = text(name);
  if (value.empty()) throw http::http_error{400, "bad request: the parameter " + std::string{name} + " is required"};
  return value;
}

}  // namespace daytona::local::toolbox
