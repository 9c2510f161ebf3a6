// Proxies that the environment names, for WebSockets.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"
#include "kit/client_fixture.hpp"
#include "kit/environment_variable.hpp"
#include "kit/log_text.hpp"
#include "kit/web_socket_peer.hpp"

using namespace daytona;
using namespace daytona::test;
using asio::awaitable;

namespace {

/// A client that finds its server, called daytona.test, and a real proxy in the environment.
class environment_fixture : public fixture {
 public:
  environment_fixture(bool tls, std::string_view without_proxy)
      : server_(std::in_place, io(), script_, tls), proxy_(std::in_place, io()), names_(std::in_place, io(), script_) {
    is_awaiting_thread = [this] { return names_ && names_->is_answering(); };
    proxy_->lead(place(), server_->port());
    const auto settings = read_environment(tls ? "https" : "http", without_proxy);
    const net::origin there{tls, "daytona.test", server_->port()};
    auto connector = std::make_shared<rewired_connector>(settings, there, &*names_);
    core_ = std::make_shared<v0::detail::client_core>(settings, std::move(connector));
    client_.emplace(v0::detail::client_core::handle(core_));
  }
  ~environment_fixture() {
    for (const auto& problem : script_->problems) CHECK_MESSAGE(problem.empty(), problem);
    client_->close();
    server_.reset();
    proxy_.reset();
    settle();
    client_.reset();
    core_.reset();
    names_.reset();  // when its threads have let go of their descriptors
  }

  std::string place() const { return fmt::format("daytona.test:{}", server_->port()); }
  test::script& script() { return *script_; }
  const connect_proxy& proxy() const { return *proxy_; }
  daytona::process process() {
    auto data = model::from_json<model::sandbox_data>(sandbox_json("started"));
    data->toolbox_proxy_url = toolbox_;
    return v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core_, *std::move(data)))
        .process();
  }

 private:
  config read_environment(std::string_view scheme, std::string_view without_proxy) {
    const environment_variable key{"DAYTONA_API_KEY", "key"};
    const environment_variable url{"DAYTONA_API_URL", fmt::format("{}://{}/api", scheme, place())};
    const environment_variable former_http{"http_proxy", ""}, former_https{"https_proxy", ""},
        former_no{"no_proxy", ""};
    const auto by_proxy = fmt::format("http://127.0.0.1:{}", proxy_->port());
    const environment_variable of_other{scheme == "http" ? "HTTPS_PROXY" : "HTTP_PROXY", "http://127.0.0.1:1"};
    const environment_variable of_scheme{scheme == "http" ? "HTTP_PROXY" : "HTTPS_PROXY", by_proxy};
    const environment_variable beside{"NO_PROXY", std::string(without_proxy)};
    toolbox_ = fmt::format("{}://{}/toolbox", scheme, place());
    auto settings = config::from_env();
    settings.tls.ca_pem = loopback_identity::instance().authority.pem();
    return settings;
  }

  std::shared_ptr<test::script> script_ = std::make_shared<test::script>();
  std::optional<script_server> server_;
  std::optional<connect_proxy> proxy_;
  std::optional<scripted_names> names_;
  std::string toolbox_;
  std::shared_ptr<v0::detail::client_core> core_;
  std::optional<daytona::client> client_;
};

awaitable<std::string> follow_to_its_end(process target) {
  auto log = co_await target.follow_session_command("s", "c");
  co_return co_await rest_of(std::move(log));
}

}  // namespace

TEST_CASE("C3: a WebSocket goes through the environment's proxy of its scheme, and past it to what NO_PROXY names") {
  for (const bool tls : {false, true})
    for (const std::string_view without_proxy : {"", "other.test", "other.test, daytona.test", ".test"}) {
      CAPTURE(tls);
      CAPTURE(without_proxy);
      environment_fixture fixture{tls, without_proxy};
      const auto frames = binary_frame("\1\1\1whole") + close_frame(1000);
      fixture.script().upgrade("GET /toolbox/", frames, true);

      const auto end = fixture.run(follow_to_its_end(fixture.process()));

      CHECK(end.value() == "whole");
      const bool is_direct = without_proxy.find("daytona.test") != std::string_view::npos || without_proxy == ".test";
      const auto& asked = fixture.proxy().seen().requests;
      REQUIRE(asked.size() == (is_direct ? 0 : 1));
      if (!is_direct) CHECK(asked[0].starts_with(fmt::format("CONNECT {} HTTP/1.1\r\n", fixture.place())));
      CHECK(fixture.script().requests.at(0).find("\r\nUpgrade: websocket\r\n") != std::string::npos);
    }
}
