#include "model/create_sandbox.hpp"

#include "model/fields.hpp"
#include "model/sandbox.hpp"

namespace daytona::model {
namespace {

void write_unless_empty(json_writer& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.member(name, text);
}

void write_labels(json_writer& out, const create_sandbox_params& params) {
  auto labels = params.labels;
  labels[std::string(language_label)] = to_string(params.language.value_or(code_language::python));
  write_member(out, "labels", labels);
}

// An array of objects with one pair each.
void write_secrets(json_writer& out, const create_sandbox_params& params) {
  if (params.secrets.empty()) return;
  out.key("secrets");
  out.begin_array();
  for (const auto& [variable, secret] : params.secrets) {
    out.begin_object();
    out.member(variable, std::string_view(secret));
    out.end_object();
  }
  out.end_array();
}

void write_intervals(json_writer& out, const create_sandbox_params& params) {
  const auto at_stop = std::optional(std::chrono::minutes(0));
  write_member(out, "autoStopInterval", params.auto_stop_interval);
  write_member(out, "autoPauseInterval", params.auto_pause_interval);
  write_member(out, "autoArchiveInterval", params.auto_archive_interval);
  write_member(out, "autoDeleteInterval", params.ephemeral ? at_stop : params.auto_delete_interval);
  write_member(out, "ttlMinutes", params.ttl_minutes);
  write_member(out, "queueTimeout", params.queue_timeout);
}

void write_common(json_writer& out, const create_sandbox_params& params, std::string_view default_target) {
  write_unless_empty(out, "name", params.name);
  write_unless_empty(out, "user", params.os_user);
  write_member(out, "env", params.env_vars);
  write_labels(out, params);
  write_member(out, "public", params.is_public);
  write_member(out, "networkBlockAll", params.network_block_all);
  write_member(out, "kvm", params.kvm);
  write_unless_empty(out, "networkAllowList", params.network_allow_list);
  write_unless_empty(out, "domainAllowList", params.domain_allow_list);
  write_unless_empty(out, "outboundProxyUrl", params.outbound_proxy_url);
  write_unless_empty(out, "otelEndpointOverride", params.otel_endpoint_override);
  write_unless_empty(out, "target", params.target.empty() ? default_target : params.target);
  write_member(out, "spot", params.spot);
  write_intervals(out, params);
  write_member(out, "volumes", params.volumes);
  write_unless_empty(out, "linkedSandbox", params.linked_sandbox);
  write_secrets(out, params);
}

void write_resources(json_writer& out, const resources& wanted) {
  write_member(out, "cpu", wanted.cpu);
  write_member(out, "gpu", wanted.gpu);
  if (!wanted.gpu_type.empty()) write_member(out, "gpuType", wanted.gpu_type);
  write_member(out, "memory", wanted.memory);
  write_member(out, "disk", wanted.disk);
}

}  // namespace

std::string create_body(const create_from_snapshot_params& params, std::string_view default_target) {
  std::string body;
  json_writer out(body);
  out.begin_object();
  write_unless_empty(out, "snapshot", params.snapshot);
  write_common(out, params, default_target);
  out.end_object();
  return body;
}

std::string create_body(const create_from_image_params& params, std::string_view default_target) {
  std::string body;
  json_writer out(body);
  out.begin_object();
  write_common(out, params, default_target);
  write_resources(out, params.resources);
  out.key("buildInfo");
  out.begin_object();
  out.member("dockerfileContent", std::string_view("FROM " + params.image + "\n"));
  out.end_object();
  out.end_object();
  return body;
}

}  // namespace daytona::model
