#include "daytona/error.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "model/rate_limit.hpp"

namespace daytona::inline v0 {

error::error(boost::system::error_code code, const std::string& message, error_details details)
    : system_error(code, message),
      message_(std::make_shared<const std::string>(message)),
      details_(std::make_shared<const error_details>(std::move(details))) {}

const std::string& error::message() const noexcept { return *message_; }
const char* error::what() const noexcept { return message_->c_str(); }

std::vector<rate_limit> rate_limit_error::limits() const { return model::rate_limits(headers()); }

namespace {

// Servers tell "another change is under way" by a code only in newer generations.
bool is_state_change_under_way(const error& e) noexcept {
  constexpr auto signs = std::to_array<std::string_view>({"state change in progress", "modified by another operation"});
  if (e.server_code() == "SANDBOX_STATE_CHANGE_IN_PROGRESS") return true;
  const std::string_view message = e.server_message();
  return std::any_of(signs.begin(), signs.end(),
                     [&](std::string_view sign) { return message.find(sign) != std::string_view::npos; });
}

// A proxy that is away or has no way to the server, as opposed to one that refuses, or that is none.
bool is_proxy_trouble(const error& e) noexcept {
  const auto status = e.http_status();
  return status ? *status == 502 || *status == 503 || *status == 504 : e.details().cause.failed();
}

}  // namespace

bool is_transient(const error& e) noexcept {
  if (e.code().category() != error_category()) return false;
  switch (static_cast<errc>(e.code().value())) {
    case errc::timeout:
    case errc::connection_failed:
    case errc::too_many_waiting:
    case errc::connection_lost:
    case errc::request_timeout:
    case errc::rate_limit:
    case errc::bad_gateway:
    case errc::service_unavailable:
    case errc::git_transport_failed:
      return true;
    case errc::proxy_failed:
      return is_proxy_trouble(e);
    case errc::conflict:
      return is_state_change_under_way(e);
    default:
      return false;
  }
}

bool is_retryable(const error& e) noexcept {
  if (!is_transient(e)) return false;
  // 429 and a conflict are refusals: the request had no effect.
  const bool refused = e.code() == errc::rate_limit || e.code() == errc::conflict;
  return refused || !e.details().request_sent || e.details().idempotent;
}

}  // namespace daytona::inline v0
