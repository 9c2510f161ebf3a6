#include "protocol/config_resolution.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "protocol/arguments.hpp"

using namespace daytona;
using namespace daytona::protocol;

namespace {

environment with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

environment full() {
  return with({{"DAYTONA_API_KEY", "env-key"},
               {"DAYTONA_JWT_TOKEN", "env-jwt"},
               {"DAYTONA_ORGANIZATION_ID", "env-org"},
               {"DAYTONA_API_URL", "http://env/api"},
               {"DAYTONA_SERVER_URL", "http://old-env/api"},
               {"DAYTONA_TARGET", "env-target"},
               {"DAYTONA_OTEL_ENABLED", "true"}});
}

}  // namespace

TEST_CASE("C2: what is not given is taken from the environment") {
  const config found = resolve_config(config(), full());

  CHECK(found.api_key == "env-key");
  CHECK(found.jwt_token == "env-jwt");
  CHECK(found.organization_id == "env-org");
  CHECK(found.api_url == "http://env/api");
  CHECK(found.server_url.empty());
  CHECK(found.target == "env-target");
  CHECK(found.otel_enabled == true);
}

TEST_CASE("C2: what is given wins, an explicit false too") {
  config given;
  given.api_key = "key";
  given.jwt_token = "jwt";
  given.organization_id = "org";
  given.api_url = "http://given/api";
  given.target = "target";
  given.otel_enabled = false;

  const config found = resolve_config(given, full());

  CHECK(found.api_key == "key");
  CHECK(found.jwt_token == "jwt");
  CHECK(found.organization_id == "org");
  CHECK(found.api_url == "http://given/api");
  CHECK(found.target == "target");
  CHECK(found.otel_enabled == false);
}

TEST_CASE("C2: what nobody gives is the default") {
  const config found = resolve_config(config(), with({}));

  for (const auto& text :
       {found.api_key, found.jwt_token, found.organization_id, found.api_url, found.server_url, found.target,
        found.proxy.url, found.proxy.http_url, found.proxy.https_url, found.proxy.no_proxy})
    CHECK(text.empty());
  CHECK_FALSE(found.jwt_provider);
  CHECK_FALSE(found.otel_enabled.has_value());
  CHECK(found.request_timeout == config().request_timeout);
  CHECK(found.retry.max_attempts == config().retry.max_attempts);
}

TEST_CASE("C2: an explicit 0, false or number that the environment does not know stays as it is") {
  config given;
  given.request_timeout = given.connect_timeout = given.max_connection_age = std::chrono::milliseconds(0);
  given.max_connections_per_origin = given.max_waiting_calls_per_origin = given.max_connecting = 0;
  given.max_idle_per_origin = 0;
  given.max_response_body = 7;
  given.retry.max_attempts = 1;
  given.tls.insecure_skip_verification = true;
  given.otel_enabled = false;
  given.user_agent_suffix = "mine/1";

  const config found = resolve_config(given, full());

  CHECK(found.request_timeout.count() == 0);
  CHECK(found.connect_timeout.count() == 0);
  CHECK(found.max_connection_age.count() == 0);
  CHECK(found.max_connections_per_origin + found.max_waiting_calls_per_origin + found.max_connecting == 0);
  CHECK(found.max_idle_per_origin == 0);
  CHECK(found.max_response_body == 7);
  CHECK(found.retry.max_attempts == 1);
  CHECK(found.tls.insecure_skip_verification);
  CHECK(found.otel_enabled == false);
  CHECK(found.user_agent_suffix == "mine/1");
}

TEST_CASE("C2: a given JWT, or a provider of one, keeps the environment's key away") {
  config with_jwt;
  with_jwt.jwt_token = "jwt";
  config with_provider;
  with_provider.jwt_provider = [] { return boost::asio::awaitable<std::string>(); };

  CHECK(resolve_config(with_jwt, full()).api_key.empty());
  CHECK(resolve_config(with_provider, full()).api_key.empty());
  CHECK(resolve_config(with_provider, full()).jwt_token.empty());
}

TEST_CASE("C2: the old name of the URL counts only where the new one is not set") {
  config given;
  given.server_url = "http://given-old/api";

  CHECK(resolve_config(given, full()).api_url.empty());
  CHECK(resolve_config(given, full()).server_url == "http://given-old/api");
  CHECK(resolve_config(config(), with({{"DAYTONA_SERVER_URL", "http://old/api"}})).server_url == "http://old/api");
}

TEST_CASE("C2: empty texts count as not set, on both sides") {
  const config found = resolve_config(config(), with({{"DAYTONA_API_KEY", ""}, {"DAYTONA_TARGET", ""}}));

  CHECK(found.api_key.empty());
  CHECK(found.target.empty());
}

TEST_CASE("C2: telemetry is switched on by exactly `true`, under either name") {
  CHECK(resolve_config(config(), with({{"DAYTONA_EXPERIMENTAL_OTEL_ENABLED", "true"}})).otel_enabled == true);
  CHECK_FALSE(resolve_config(config(), with({{"DAYTONA_OTEL_ENABLED", "True"}})).otel_enabled.has_value());
  CHECK_FALSE(resolve_config(config(), with({{"DAYTONA_OTEL_ENABLED", "1"}})).otel_enabled.has_value());
}

TEST_CASE("C1: nothing but these variables is asked for") {
  std::string asked;
  const environment spy = [&](std::string_view name) -> std::optional<std::string> {
    asked.append(name).append(" ");
    return std::nullopt;
  };

  resolve_config(config(), spy);

  CHECK(asked ==
        "DAYTONA_API_KEY DAYTONA_JWT_TOKEN DAYTONA_ORGANIZATION_ID DAYTONA_API_URL DAYTONA_SERVER_URL DAYTONA_TARGET "
        "DAYTONA_OTEL_ENABLED DAYTONA_EXPERIMENTAL_OTEL_ENABLED DAYTONA_HAPPY_EYEBALLS_DELAY no_proxy NO_PROXY "
        "REQUEST_METHOD http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY ");
}

TEST_CASE("C2: the delay of Happy Eyeballs is a number of seconds, or none") {
  const auto read = [](const char* text) {
    return resolve_config(config(), with({{"DAYTONA_HAPPY_EYEBALLS_DELAY", text}})).happy_eyeballs_delay;
  };
  CHECK(read("0.1") == std::chrono::milliseconds(100));
  CHECK(read(" 2 ") == std::chrono::milliseconds(2000));
  CHECK(read("0") == std::chrono::milliseconds(0));
  CHECK(read("None") == std::chrono::milliseconds::max());
  CHECK(read("1e300") == longest_time);
  CHECK_FALSE(read(" ").has_value());
  for (const char* const text : {"soon", "-1", "nan", "inf", "1s"})
    CHECK_THROWS_WITH_AS(
        read(text), doctest::Contains("DAYTONA_HAPPY_EYEBALLS_DELAY must be a finite non-negative float or 'none'"),
        bad_request_error);

  config given;
  given.happy_eyeballs_delay = std::chrono::milliseconds(7);
  CHECK(resolve_config(given, with({{"DAYTONA_HAPPY_EYEBALLS_DELAY", "1"}})).happy_eyeballs_delay ==
        std::chrono::milliseconds(7));
}

TEST_CASE("C3: the proxies of the environment are read, in lower case first") {
  const config found = resolve_config(config(), with({{"HTTP_PROXY", "http://upper:1"},
                                                      {"http_proxy", "http://lower:1"},
                                                      {"HTTPS_PROXY", "http://secure:1"},
                                                      {"ALL_PROXY", "http://all:1"},
                                                      {"NO_PROXY", "upper.test"},
                                                      {"no_proxy", "lower.test"}}));

  CHECK(found.proxy.http_url == "http://lower:1");
  CHECK(found.proxy.https_url == "http://secure:1");
  CHECK(found.proxy.url == "http://all:1");
  CHECK(found.proxy.no_proxy == "lower.test");
}

TEST_CASE("C2: a proxy given explicitly stands alone, and a given no_proxy wins") {
  config given;
  given.proxy.url = "http://mine:1";
  given.proxy.no_proxy = "mine.test";

  const config found = resolve_config(given, with({{"HTTPS_PROXY", "http://secure:1"}, {"NO_PROXY", "other.test"}}));

  CHECK(found.proxy.url == "http://mine:1");
  CHECK(found.proxy.https_url.empty());
  CHECK(found.proxy.no_proxy == "mine.test");
}

TEST_CASE("C3: a request's header can't choose the proxy of a CGI program") {
  const auto cgi = with({{"HTTP_PROXY", "http://evil:1"}, {"REQUEST_METHOD", "GET"}});
  CHECK(resolve_config(config(), cgi).proxy.http_url.empty());

  CHECK(resolve_config(config(), with({{"HTTP_PROXY", "http://mine:1"}})).proxy.http_url == "http://mine:1");
}
