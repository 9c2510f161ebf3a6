#include "beast_decode.hpp"

#include <boost/json/array.hpp>

namespace daytona::bench {

namespace {

namespace json = boost::json;

void get(const json::value& from, std::string& to) { to = from.as_string(); }
void get(const json::value& from, bool& to) { to = from.as_bool(); }
void get(const json::value& from, double& to) { to = from.to_number<double>(); }
void get(const json::value& from, std::chrono::minutes& to) { to = std::chrono::minutes(from.as_int64()); }

void get(const json::value& from, std::map<std::string, std::string>& to) {
  for (const auto& [name, value] : from.as_object()) to.emplace(name, value.as_string());
}

void get(const json::value& from, std::vector<std::string>& to) {
  for (const auto& value : from.as_array()) to.emplace_back(value.as_string());
}

void get(const json::value& from, std::vector<volume_mount>& to);
void get(const json::value& from, build_info& to);

/// Leaves `to` as it is where the member is missing or null.
template <class T>
void get(const json::object& from, std::string_view name, T& to) {
  const auto* const value = from.if_contains(name);
  if (value != nullptr && !value->is_null()) get(*value, to);
}

template <class T>
void get(const json::object& from, std::string_view name, std::optional<T>& to) {
  const auto* const value = from.if_contains(name);
  if (value != nullptr && !value->is_null()) get(*value, to.emplace());
}

void get(const json::value& from, std::vector<volume_mount>& to) {
  for (const auto& value : from.as_array()) {
    const auto& volume = value.as_object();
    auto& made = to.emplace_back();
    get(volume, "volumeId", made.volume_id);
    get(volume, "mountPath", made.mount_path);
    get(volume, "subpath", made.subpath);
  }
}

void get(const json::value& from, build_info& to) {
  const auto& info = from.as_object();
  get(info, "dockerfileContent", to.dockerfile_content);
  get(info, "contextHashes", to.context_hashes);
  get(info, "createdAt", to.created_at);
  get(info, "updatedAt", to.updated_at);
  get(info, "snapshotRef", to.snapshot_ref);
}

void get_limits_and_network(const json::object& from, model::sandbox_data& to) {
  get(from, "public", to.is_public);
  get(from, "networkBlockAll", to.network_block_all);
  get(from, "networkAllowList", to.network_allow_list);
  get(from, "domainAllowList", to.domain_allow_list);
  get(from, "outboundProxyUrl", to.outbound_proxy_url);
  get(from, "otelEndpointOverride", to.otel_endpoint_override);
  get(from, "target", to.target);
  get(from, "cpu", to.cpu);
  get(from, "gpu", to.gpu);
  get(from, "gpuType", to.gpu_type);
  get(from, "memory", to.memory);
  get(from, "disk", to.disk);
}

void get_life(const json::object& from, model::sandbox_data& to) {
  get(from, "spot", to.spot);
  get(from, "spotEvictedAt", to.spot_evicted_at);
  get(from, "kvm", to.kvm);
  get(from, "state", to.state);
  get(from, "desiredState", to.desired_state);
  get(from, "errorReason", to.error_reason);
  get(from, "recoverable", to.recoverable);
  get(from, "backupState", to.backup_state);
  get(from, "backupCreatedAt", to.backup_created_at);
  get(from, "autoStopInterval", to.auto_stop_interval);
  get(from, "autoPauseInterval", to.auto_pause_interval);
  get(from, "autoArchiveInterval", to.auto_archive_interval);
  get(from, "autoDeleteInterval", to.auto_delete_interval);
  get(from, "autoDestroyAt", to.auto_destroy_at);
  get(from, "queueTimeout", to.queue_timeout);
  get(from, "queueTimedOutAt", to.queue_timed_out_at);
}

}  // namespace

model::sandbox_data sandbox_from(const json::object& answer) {
  model::sandbox_data made;
  get(answer.at("id"), made.id);
  get(answer, "organizationId", made.organization_id);
  get(answer, "name", made.name);
  get(answer, "snapshot", made.snapshot);
  get(answer, "user", made.user);
  get(answer, "env", made.env);
  get(answer, "labels", made.labels);
  get_limits_and_network(answer, made);
  get_life(answer, made);
  get(answer, "volumes", made.volumes);
  get(answer, "buildInfo", made.build_info);
  get(answer, "warmPoolId", made.warm_pool_id);
  get(answer, "createdAt", made.created_at);
  get(answer, "updatedAt", made.updated_at);
  get(answer, "lastActivityAt", made.last_activity_at);
  get(answer, "sandboxClass", made.sandbox_class);
  get(answer, "daemonVersion", made.daemon_version);
  get(answer, "runnerId", made.runner_id);
  get(answer, "linkedSandboxId", made.linked_sandbox_id);
  get(answer, "toolboxProxyUrl", made.toolbox_proxy_url);
  return made;
}

execute_response execute_response_from(const json::object& answer) {
  execute_response made;
  made.exit_code = answer.at("exitCode").to_number<int>();
  get(answer.at("result"), made.result);
  made.artifacts.stdout_ = made.result;
  return made;
}

}  // namespace daytona::bench
