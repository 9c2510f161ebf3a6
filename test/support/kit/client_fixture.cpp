#include "kit/client_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"

namespace daytona::test {

std::string sandbox_json(std::string_view state, std::string_view more_members, std::string_view toolbox) {
  return fmt::format(
      R"({{"id":"{}","organizationId":"7d1f0c52-1111-4222-8333-944455566677","name":"worker","snapshot":"default","user":"daytona","env":{{}},)"
      R"("labels":{{"code-toolbox-language":"python"}},"public":false,"networkBlockAll":false,"kvm":false,"target":"us","cpu":1,"gpu":0,"memory":1,)"
      R"("disk":3,"state":"{}","toolboxProxyUrl":"{}"{}}})",
      sandbox_id, state, toolbox, more_members);
}

bool is_by_proxy(reached_by way) noexcept {
  return way != reached_by::memory && way != reached_by::tcp && way != reached_by::tls;
}

client_fixture::client_fixture(config settings, reached_by way) : script_(std::make_shared<test::script>()) {
  auto connector = connector_to(settings, way);
  core_ = std::make_shared<v0::detail::client_core>(std::move(settings), std::move(connector));
  client_.emplace(v0::detail::client_core::handle(core_));
}

std::shared_ptr<net::connector> client_fixture::connector_to(config& settings, reached_by way) {
  if (way == reached_by::memory) {
    through_kernel = false;
    return std::make_shared<scripted_connector>(script_);
  }
  const bool tls = way == reached_by::tls || way == reached_by::tls_by_proxy || way == reached_by::tls_by_tls_proxy;
  const bool tls_to_proxy = way == reached_by::tcp_by_tls_proxy || way == reached_by::tls_by_tls_proxy;
  server_.emplace(io(), script_, tls);
  if (tls) settings.tls.ca_pem = loopback_identity::instance().authority.pem();
  names_ = std::make_unique<scripted_names>(io(), script_);
  is_awaiting_thread = [this] { return names_ && names_->is_answering(); };
  net::origin there{tls, "daytona.test", server_->port()};
  if (is_by_proxy(way)) there = lead_by_proxy(settings, tls, tls_to_proxy);
  return std::make_shared<rewired_connector>(settings, std::move(there), names_.get());
}

/// By a name that the proxy alone knows: loopback is reached without one.
net::origin client_fixture::lead_by_proxy(config& settings, bool tls, bool tls_to_proxy) {
  connect_proxy_options options;
  options.plot = script_;
  if (tls_to_proxy) options.identity = loopback_identity::instance().server;
  proxy_.emplace(io(), std::move(options));
  net::origin there{tls, "daytona.test", tls ? std::uint16_t{443} : std::uint16_t{80}};
  proxy_->lead(net::place_of(there), server_->port());
  settings.proxy.url = fmt::format("{}://proxy.test:{}", tls_to_proxy ? "https" : "http", proxy_->port());
  settings.proxy.tls.ca_pem = loopback_identity::instance().authority.pem();
  return there;
}

client_fixture::~client_fixture() {
  for (const auto& problem : script_->problems) CHECK_MESSAGE(problem.empty(), problem);
  CHECK_MESSAGE((script_->is_over() || script_->forgiving), "the script was not played to its end");
  client_->close();
  server_.reset();
  proxy_.reset();
  settle();
  CHECK_MESSAGE(script_->open == 0, "a connection is left behind");
  client_.reset();
  core_.reset();
  names_.reset();  // when its threads have let go of their descriptors
}

config client_fixture::default_config() {
  config settings;
  settings.api_key = "key";
  settings.api_url = "http://daytona.test/api";
  return settings;
}

daytona::sandbox client_fixture::sandbox(std::string_view state, std::string_view toolbox) {
  auto data = model::from_json<model::sandbox_data>(sandbox_json(state, {}, toolbox));
  return v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core_, *std::move(data)));
}

daytona::sandbox client_fixture::sandbox_of(const std::string& id, std::string_view state) {
  auto data = model::from_json<model::sandbox_data>(sandbox_json(state));
  data->id = id;
  return v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core_, *std::move(data)));
}

void client_fixture::let_names_go() {
  if (names_) names_->let_go();
}

net::connection_pool::figures client_fixture::pool() { return core_->pools.pool_of(executor())->count(); }

}  // namespace daytona::test
