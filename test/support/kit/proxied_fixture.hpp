#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "kit/connect_proxy.hpp"
#include "kit/tcp_fixture.hpp"

namespace daytona::test {

/// What is to be found nowhere.
inline constexpr std::string_view password = "s3cr:t/";
inline constexpr std::string_view encoded_password = "s3cr%3At%2F";

/// A client that reaches its server, which it knows as daytona.test, by a real proxy alone.
class proxied_fixture : public tcp_fixture {
 public:
  explicit proxied_fixture(connect_proxy_options options = {}, server_options server_like = {})
      : tcp_fixture(std::move(server_like)), proxy_(std::in_place, io(), std::move(options)) {
    lead_to(server().port());
  }
  ~proxied_fixture() { stop_proxy(); }

  connect_proxy& proxy() { return *proxy_; }
  void lead_to(std::uint16_t port) {
    for (const auto* const scheme_port : {"80", "443"}) proxy().lead(fmt::format("daytona.test:{}", scheme_port), port);
  }
  void stop_proxy() {
    proxy_->stop();
    settle();
  }
  config settings(std::string_view scheme = "http") {
    auto made = tcp_fixture::settings(scheme, "daytona.test", scheme == "http" ? 80 : 443);
    made.proxy.url = fmt::format("http://127.0.0.1:{}", proxy().port());
    return made;
  }
  /// A sandbox whose toolbox is reached by the proxy, unlike the API.
  daytona::sandbox sandbox_behind(config with) {
    with.api_url = fmt::format("http://127.0.0.1:{}/api", server().port());
    server().reply(get_line, 200, sandbox_json("started"));
    return get(with).value();
  }
  config with_password(std::string_view text = encoded_password) {
    auto made = settings();
    made.proxy.url = fmt::format("http://user:{}@127.0.0.1:{}", text, proxy().port());
    return made;
  }

 private:
  std::optional<connect_proxy> proxy_;
};

/// A proxy that asks for `password`.
inline connect_proxy_options asking() {
  connect_proxy_options options;
  options.credentials = fmt::format("user:{}", password);
  return options;
}

}  // namespace daytona::test
