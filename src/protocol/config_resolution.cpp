#include "protocol/config_resolution.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <utility>

#include "model/headers.hpp"
#include "protocol/arguments.hpp"

namespace daytona::protocol {
namespace {

void complete(std::string& value, const environment& variables, std::string_view name) {
  if (!value.empty()) return;
  if (auto found = variables(name)) value = *std::move(found);
}

void complete_credentials(config& values, const environment& variables) {
  const bool has_jwt = !values.jwt_token.empty() || values.jwt_provider;
  if (!has_jwt) complete(values.api_key, variables, "DAYTONA_API_KEY");
  if (!values.jwt_provider) complete(values.jwt_token, variables, "DAYTONA_JWT_TOKEN");
  complete(values.organization_id, variables, "DAYTONA_ORGANIZATION_ID");
}

void complete_url(config& values, const environment& variables) {
  if (!values.server_url.empty()) return;  // given explicitly, though by its old name
  complete(values.api_url, variables, "DAYTONA_API_URL");
  if (values.api_url.empty()) complete(values.server_url, variables, "DAYTONA_SERVER_URL");
}

void complete_telemetry(config& values, const environment& variables) {
  if (values.otel_enabled) return;
  for (const char* name : {"DAYTONA_OTEL_ENABLED", "DAYTONA_EXPERIMENTAL_OTEL_ENABLED"})
    if (variables(name) == "true") values.otel_enabled = true;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

void complete_happy_eyeballs(config& values, const environment& variables) {
  const auto found = variables("DAYTONA_HAPPY_EYEBALLS_DELAY").value_or("");
  const auto text = trimmed(found);
  if (values.happy_eyeballs_delay || text.empty()) return;
  if (model::equal_ignoring_case(text, "none")) {
    values.happy_eyeballs_delay = std::chrono::milliseconds::max();
    return;
  }
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_number = failure == std::errc() && end == text.data() + text.size() && std::isfinite(seconds);
  check_argument(is_number && seconds >= 0, "read the environment",
                 "DAYTONA_HAPPY_EYEBALLS_DELAY must be a finite non-negative float or 'none'");
  const double bounded = std::min(seconds, static_cast<double>(longest_time.count()));
  values.happy_eyeballs_delay = std::chrono::milliseconds(std::llround(bounded * 1000));
}

std::string first_of(const environment& variables, std::initializer_list<std::string_view> names) {
  std::string value;
  for (const auto name : names) complete(value, variables, name);
  return value;
}

// A CGI program gets the header "Proxy" of a request as HTTP_PROXY: whoever asks it would choose its proxy.
std::string http_proxy(const environment& variables) {
  const bool is_cgi = variables("REQUEST_METHOD").has_value();
  return is_cgi ? first_of(variables, {"http_proxy"}) : first_of(variables, {"http_proxy", "HTTP_PROXY"});
}

void complete_proxy(proxy_options& proxy, const environment& variables) {
  if (proxy.no_proxy.empty()) proxy.no_proxy = first_of(variables, {"no_proxy", "NO_PROXY"});
  if (!proxy.url.empty() || !proxy.http_url.empty() || !proxy.https_url.empty()) return;
  proxy.http_url = http_proxy(variables);
  proxy.https_url = first_of(variables, {"https_proxy", "HTTPS_PROXY"});
  proxy.url = first_of(variables, {"all_proxy", "ALL_PROXY"});
}

}  // namespace

config resolve_config(config explicit_values, const environment& variables) {
  complete_credentials(explicit_values, variables);
  complete_url(explicit_values, variables);
  complete(explicit_values.target, variables, "DAYTONA_TARGET");
  complete_telemetry(explicit_values, variables);
  complete_happy_eyeballs(explicit_values, variables);
  complete_proxy(explicit_values.proxy, variables);
  return explicit_values;
}

}  // namespace daytona::protocol

namespace daytona::inline v0 {

config config::from_env(config explicit_values) {
  return protocol::resolve_config(std::move(explicit_values), [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (!value) return std::nullopt;
    return value;
  });
}

}  // namespace daytona::inline v0
