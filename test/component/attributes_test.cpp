// Each attribute of a sandbox is told by its own accessor: no two values here are alike, so that none can stand in for another.
#include <doctest/doctest.h>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view whole_sandbox = R"({
  "id":"i-1","organizationId":"o-1","name":"worker-7","snapshot":"snapshot-1","user":"ann","env":{"MODE":"ci"},
  "labels":{"purpose":"test"},"public":true,"networkBlockAll":false,"networkAllowList":"10.0.0.0/8",
  "domainAllowList":"*.example.org","outboundProxyUrl":"http://p:1","otelEndpointOverride":"http://o:1","target":"eu",
  "cpu":1.5,"gpu":2,"memory":4,"disk":8,"spot":true,"spotEvictedAt":"t1","kvm":false,"gpuType":"H100","state":"archiving",
  "desiredState":"archived","errorReason":"disk full","recoverable":true,"warmPoolId":"w-1","backupState":"InProgress",
  "backupCreatedAt":"t2","autoStopInterval":15,"autoPauseInterval":16,"autoArchiveInterval":17,"autoDeleteInterval":-1,
  "autoDestroyAt":"t3","queueTimeout":7,"queueTimedOutAt":"t4","volumes":[{"volumeId":"v-1","mountPath":"/data","subpath":"a/b"}],
  "buildInfo":{"dockerfileContent":"FROM x\n","contextHashes":["h-1"],"createdAt":"t5","updatedAt":"t6","snapshotRef":"r-1"},
  "createdAt":"t7","updatedAt":"t8","lastActivityAt":"t9","sandboxClass":"container","daemonVersion":"0.226.0",
  "runnerId":"n-1","linkedSandboxId":"l-1","toolboxProxyUrl":"http://daytona.test/toolbox"})";

sandbox get_whole(client_fixture& fixture) {
  fixture.script().reply(get_line, 200, whole_sandbox);
  return fixture.run(fixture.client().get("worker-7")).value();
}

}  // namespace

TEST_CASE("what a sandbox is called, belongs to and runs on is told by its accessors") {
  client_fixture fixture;
  const auto whole = get_whole(fixture);

  CHECK(whole.id() == "i-1");
  CHECK(whole.organization_id() == "o-1");
  CHECK(whole.name() == "worker-7");
  CHECK(whole.snapshot() == "snapshot-1");
  CHECK(whole.user() == "ann");
  CHECK(whole.target() == "eu");
  CHECK(whole.cpu() == 1.5);
  CHECK(whole.gpu() == 2);
  CHECK(whole.memory() == 4);
  CHECK(whole.disk() == 8);
  CHECK(whole.gpu_type() == "H100");
  CHECK(whole.sandbox_class() == "container");
  CHECK(whole.daemon_version() == "0.226.0");
  CHECK(whole.runner_id() == "n-1");
  CHECK(whole.warm_pool_id() == "w-1");
  CHECK(whole.linked_sandbox_id() == "l-1");
  CHECK(whole.toolbox_proxy_url() == "http://daytona.test/toolbox");
}

TEST_CASE("what a sandbox may do and was given is told by its accessors") {
  client_fixture fixture;
  const auto whole = get_whole(fixture);

  CHECK(whole.env() == std::map<std::string, std::string>{{"MODE", "ci"}});
  CHECK(whole.labels() == std::map<std::string, std::string>{{"purpose", "test"}});
  CHECK(whole.is_public());
  CHECK_FALSE(whole.network_block_all());
  CHECK(whole.spot());
  CHECK_FALSE(whole.kvm());
  CHECK(whole.network_allow_list() == "10.0.0.0/8");
  CHECK(whole.domain_allow_list() == "*.example.org");
  CHECK(whole.outbound_proxy_url() == "http://p:1");
  CHECK(whole.otel_endpoint_override() == "http://o:1");
  REQUIRE(whole.volumes().size() == 1);
  CHECK(whole.volumes()[0].volume_id == "v-1");
  CHECK(whole.volumes()[0].mount_path == "/data");
  CHECK(whole.volumes()[0].subpath == "a/b");
  REQUIRE(whole.build_info().has_value());
  CHECK(whole.build_info()->dockerfile_content == "FROM x\n");
  CHECK(whole.build_info()->context_hashes == std::vector<std::string>{"h-1"});
  CHECK(whole.build_info()->snapshot_ref == "r-1");
  CHECK(whole.build_info()->created_at == "t5");
  CHECK(whole.build_info()->updated_at == "t6");
}

TEST_CASE("how a sandbox fares is told by its accessors") {
  client_fixture fixture;
  const auto whole = get_whole(fixture);

  CHECK(whole.state() == sandbox_state::archiving);
  CHECK(whole.state_text() == "archiving");
  CHECK(whole.desired_state() == "archived");
  CHECK(whole.error_reason() == "disk full");
  CHECK(whole.recoverable() == true);
  CHECK(whole.backup_state() == "InProgress");
  CHECK(whole.auto_stop_interval() == 15min);
  CHECK(whole.auto_pause_interval() == 16min);
  CHECK(whole.auto_archive_interval() == 17min);
  CHECK(whole.auto_delete_interval() == -1min);
  CHECK(whole.queue_timeout() == 7min);
  CHECK(whole.spot_evicted_at() == "t1");
  CHECK(whole.backup_created_at() == "t2");
  CHECK(whole.auto_destroy_at() == "t3");
  CHECK(whole.queue_timed_out_at() == "t4");
  CHECK(whole.created_at() == "t7");
  CHECK(whole.updated_at() == "t8");
  CHECK(whole.last_activity_at() == "t9");
}

TEST_CASE("what a server does not tell of a sandbox is absent") {
  client_fixture fixture;
  fixture.script().reply(get_line, 200, R"({"id":"i-1"})");
  const auto bare = fixture.run(fixture.client().get("i-1")).value();

  for (const auto& text : {bare.snapshot(),
                           bare.network_allow_list(),
                           bare.domain_allow_list(),
                           bare.outbound_proxy_url(),
                           bare.otel_endpoint_override(),
                           bare.gpu_type(),
                           bare.desired_state(),
                           bare.error_reason(),
                           bare.backup_state(),
                           bare.backup_created_at(),
                           bare.auto_destroy_at(),
                           bare.created_at(),
                           bare.updated_at(),
                           bare.last_activity_at(),
                           bare.sandbox_class(),
                           bare.daemon_version(),
                           bare.queue_timed_out_at(),
                           bare.spot_evicted_at(),
                           bare.warm_pool_id(),
                           bare.runner_id(),
                           bare.linked_sandbox_id()})
    CHECK_FALSE(text.has_value());
  for (const auto& interval : {bare.auto_stop_interval(), bare.auto_pause_interval(), bare.auto_archive_interval(),
                               bare.auto_delete_interval(), bare.queue_timeout()})
    CHECK_FALSE(interval.has_value());
  CHECK_FALSE(bare.recoverable().has_value());
  CHECK_FALSE(bare.build_info().has_value());
}

TEST_CASE("every part of a sandbox has its accessor, and an empty handle is refused by all of them") {
  client_fixture fixture;
  const auto whole = fixture.sandbox();
  const daytona::sandbox empty;

  CHECK_NOTHROW((void)whole.process());
  CHECK_NOTHROW((void)whole.fs());
  CHECK_NOTHROW((void)whole.git());
  CHECK_NOTHROW((void)whole.code_interpreter());
  CHECK_NOTHROW((void)whole.computer_use());
  CHECK_THROWS_AS((void)empty.process(), bad_request_error);
  CHECK_THROWS_AS((void)empty.fs(), bad_request_error);
  CHECK_THROWS_AS((void)empty.git(), bad_request_error);
  CHECK_THROWS_AS((void)empty.code_interpreter(), bad_request_error);
  CHECK_THROWS_AS((void)empty.computer_use(), bad_request_error);
}
