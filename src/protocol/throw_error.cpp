#include <utility>

#include "protocol/error_mapping.hpp"

namespace daytona::protocol {
namespace {

void throw_by_condition(boost::system::error_code code, const std::string& message, error_details& details) {
  if (code == condition::bad_request) throw bad_request_error(code, message, std::move(details));
  if (code == condition::authentication) throw authentication_error(code, message, std::move(details));
  if (code == condition::forbidden) throw forbidden_error(code, message, std::move(details));
  if (code == condition::not_found) throw not_found_error(code, message, std::move(details));
  if (code == condition::timeout) throw timeout_error(code, message, std::move(details));
  if (code == condition::conflict) throw conflict_error(code, message, std::move(details));
  if (code == condition::gone) throw gone_error(code, message, std::move(details));
  if (code == condition::unprocessable_entity) throw unprocessable_entity_error(code, message, std::move(details));
  if (code == condition::rate_limit) throw rate_limit_error(code, message, std::move(details));
  if (code == condition::internal_server_error) throw internal_server_error(code, message, std::move(details));
  if (code == condition::bad_gateway) throw bad_gateway_error(code, message, std::move(details));
  if (code == condition::service_unavailable) throw service_unavailable_error(code, message, std::move(details));
  if (code == condition::connection) throw connection_error(code, message, std::move(details));
}

}  // namespace

void throw_error(boost::system::error_code code, const std::string& message, error_details details) {
  if (code == errc::queue_timeout) throw queue_timeout_error(code, message, std::move(details));
  if (code == errc::spot_evicted) throw spot_evicted_error(code, message, std::move(details));
  throw_by_condition(code, message, details);
  throw error(code, message, std::move(details));
}

}  // namespace daytona::protocol
