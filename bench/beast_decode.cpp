#include "beast_decode.hpp"

#include <boost/json/array.hpp>

#include <utility>

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

/// `rest` goes on with pairs of a member's name and where it goes.
template <class T, class... Rest>
void get_each(const json::object& from, std::string_view name, T& to, Rest&&... rest) {
  get(from, name, to);
  if constexpr (sizeof...(Rest) > 0) get_each(from, std::forward<Rest>(rest)...);
}

void get(const json::value& from, std::vector<volume_mount>& to) {
  for (const auto& value : from.as_array()) {
    auto& made = to.emplace_back();
    get_each(value.as_object(), "volumeId", made.volume_id, "mountPath", made.mount_path, "subpath", made.subpath);
  }
}

void get(const json::value& from, build_info& to) {
  get_each(from.as_object(), "dockerfileContent", to.dockerfile_content, "contextHashes", to.context_hashes,
           "createdAt", to.created_at, "updatedAt", to.updated_at, "snapshotRef", to.snapshot_ref);
}

void get_limits_and_network(const json::object& from, model::sandbox_data& to) {
  get_each(from, "public", to.is_public, "networkBlockAll", to.network_block_all, "networkAllowList",
           to.network_allow_list, "domainAllowList", to.domain_allow_list, "outboundProxyUrl", to.outbound_proxy_url,
           "otelEndpointOverride", to.otel_endpoint_override, "target", to.target, "cpu", to.cpu, "gpu", to.gpu,
           "gpuType", to.gpu_type, "memory", to.memory, "disk", to.disk);
}

void get_life(const json::object& from, model::sandbox_data& to) {
  get_each(from, "spot", to.spot, "spotEvictedAt", to.spot_evicted_at, "kvm", to.kvm, "state", to.state, "desiredState",
           to.desired_state, "errorReason", to.error_reason, "recoverable", to.recoverable, "backupState",
           to.backup_state, "backupCreatedAt", to.backup_created_at, "autoStopInterval", to.auto_stop_interval,
           "autoPauseInterval", to.auto_pause_interval, "autoArchiveInterval", to.auto_archive_interval,
           "autoDeleteInterval", to.auto_delete_interval, "autoDestroyAt", to.auto_destroy_at, "queueTimeout",
           to.queue_timeout, "queueTimedOutAt", to.queue_timed_out_at);
}

}  // namespace

model::sandbox_data sandbox_from(const json::object& answer) {
  model::sandbox_data made;
  get(answer.at("id"), made.id);
  get_each(answer, "organizationId", made.organization_id, "name", made.name, "snapshot", made.snapshot, "user",
           made.user, "env", made.env, "labels", made.labels);
  get_limits_and_network(answer, made);
  get_life(answer, made);
  get_each(answer, "volumes", made.volumes, "buildInfo", made.build_info, "warmPoolId", made.warm_pool_id, "createdAt",
           made.created_at, "updatedAt", made.updated_at, "lastActivityAt", made.last_activity_at, "sandboxClass",
           made.sandbox_class, "daemonVersion", made.daemon_version, "runnerId", made.runner_id, "linkedSandboxId",
           made.linked_sandbox_id, "toolboxProxyUrl", made.toolbox_proxy_url);
  return made;
}

std::vector<model::sandbox_data> sandboxes_from(const json::object& page) {
  std::vector<model::sandbox_data> made;
  const auto& items = page.at("items").as_array();
  made.reserve(items.size());
  for (const auto& item : items) made.push_back(sandbox_from(item.as_object()));
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
