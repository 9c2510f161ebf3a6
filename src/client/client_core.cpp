#include "client/client_core.hpp"

#include <daytona/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/arguments.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::string_view default_url = "https://app.daytona.io/api";
constexpr std::string_view construct_operation = "make a client";

void check_field(std::string_view text, std::string_view name) {
  protocol::check_argument(protocol::is_field_text(text), construct_operation,
                           fmt::format("{} must not hold control characters", name));
}

/// Refuses a negative time, and cuts one that no clock could hold.
void check_time(std::chrono::milliseconds& value, std::string_view name) {
  protocol::check_argument(value.count() >= 0, construct_operation,
                           fmt::format("{} must not be negative; 0 is none", name));
  value = std::min<std::chrono::milliseconds>(value, protocol::longest_time);
}

void check_times(config& settings) {
  check_time(settings.request_timeout, "request_timeout");
  check_time(settings.connect_timeout, "connect_timeout");
  if (settings.happy_eyeballs_delay) check_time(*settings.happy_eyeballs_delay, "happy_eyeballs_delay");
  check_time(settings.idle_timeout, "idle_timeout");
  check_time(settings.max_connection_age, "max_connection_age");
  check_time(settings.ping_interval, "ping_interval");
  check_time(settings.retry.base_delay, "retry.base_delay");
  check_time(settings.retry.max_delay, "retry.max_delay");
}

config checked(config settings) {
  if (settings.api_key.empty() && settings.jwt_token.empty() && !settings.jwt_provider)
    throw authentication_error(
        errc::authentication,
        "Authentication credentials not found. Set DAYTONA_API_KEY, or both DAYTONA_JWT_TOKEN and "
        "DAYTONA_ORGANIZATION_ID, and read them with config::from_env(), or set config::api_key");
  if (settings.api_key.empty() && settings.organization_id.empty())
    throw authentication_error(
        errc::authentication,
        "DAYTONA_ORGANIZATION_ID is required when authenticating with DAYTONA_JWT_TOKEN. Set config::organization_id");
  check_field(settings.api_key, "api_key");
  check_field(settings.jwt_token, "jwt_token");
  check_field(settings.organization_id, "organization_id");
  check_field(settings.user_agent_suffix, "user_agent_suffix");
  protocol::check_text(settings.target, construct_operation, "target");
  check_times(settings);
  protocol::check_argument(settings.retry.max_attempts >= 1, construct_operation,
                           "retry.max_attempts must be at least 1");
  protocol::check_argument(settings.max_response_header >= 1, construct_operation,
                           "max_response_header must be at least 1");
  protocol::check_argument(settings.max_stream_buffer >= 1, construct_operation,
                           "max_stream_buffer must be at least 1");
  protocol::check_argument(settings.max_web_socket_message >= 1, construct_operation,
                           "max_web_socket_message must be at least 1");
  protocol::check_argument(settings.max_response_body >= 1, construct_operation,
                           "max_response_body must be at least 1");
  return settings;
}

protocol::base_url parse_api_url(const config& settings) {
  const std::string_view text = !settings.api_url.empty()      ? settings.api_url
                                : !settings.server_url.empty() ? settings.server_url
                                                               : default_url;
  auto url = protocol::parse_base_url(text);
  if (!url) protocol::throw_invalid_argument(construct_operation, "api_url: " + url.error().what);
  return *std::move(url);
}

std::string fields_of(const config& settings) {
  auto fields = fmt::format(
      "User-Agent: sdk-cpp/{}{}{}\r\nX-Daytona-Source: sdk-cpp\r\nX-Daytona-SDK-Version: {}\r\nAccept: "
      "application/json\r\n",
      version, settings.user_agent_suffix.empty() ? "" : " ", settings.user_agent_suffix, api_level);
  if (settings.api_key.empty()) fields += fmt::format("X-Daytona-Organization-ID: {}\r\n", settings.organization_id);
  return fields;
}

net::pool_limits limits_of(const config& settings) {
  net::pool_limits limits;
  limits.max_connections = settings.max_connections_per_origin;
  limits.max_connecting = settings.max_connecting;
  limits.max_idle = settings.max_idle_per_origin;
  limits.max_waiting = settings.max_waiting_calls_per_origin;
  limits.idle_timeout = settings.idle_timeout;
  limits.max_age = settings.max_connection_age;
  return limits;
}

/// A connection is in this pool until it is a WebSocket.
net::pool_limits handshake_limits(const config& settings) {
  net::pool_limits limits;
  limits.max_connections = limits.max_connecting = settings.max_connecting;
  limits.max_waiting = settings.max_waiting_calls_per_origin;
  return limits;
}

}  // namespace

client_core::client_core(config configuration, std::shared_ptr<net::connector> given)
    : settings(checked(std::move(configuration))),
      api(parse_api_url(settings)),
      common_fields(fields_of(settings)),
      connector(given ? std::move(given) : std::make_shared<net::tcp_connector>(settings)),
      pools(limits_of(settings), connector),
      handshakes(handshake_limits(settings), connector) {}

client client_core::handle(std::shared_ptr<client_core> core) { return client(std::move(core)); }

}  // namespace daytona::inline v0::detail
