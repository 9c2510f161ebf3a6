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
  const bool tls = way == reached_by::tls;
  server_.emplace(io(), script_, tls);
  if (tls) settings.tls.ca_pem = loopback_identity::instance().authority.pem();
  return std::make_shared<rewired_connector>(settings, tls, server_->port());
}

client_fixture::~client_fixture() {
  for (const auto& problem : script_->problems) CHECK_MESSAGE(problem.empty(), problem);
  CHECK_MESSAGE((script_->is_over() || script_->forgiving), "the script was not played to its end");
  client_->close();
  server_.reset();
  settle();
  CHECK_MESSAGE(script_->open == 0, "a connection is left behind");
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

net::connection_pool::figures client_fixture::pool() { return core_->pools.pool_of(executor())->count(); }

}  // namespace daytona::test
