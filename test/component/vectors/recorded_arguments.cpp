#include "vectors/recorded_arguments.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

namespace daytona::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

/// Reads the named arguments of a call into members.
class arguments {
 public:
  explicit arguments(const python_value& call) : call_(call) {}

  void into(std::string& out, const char* name) const {
    if (const auto* value = call_.argument(name)) out = value->text;
  }
  void into(std::optional<bool>& out, const char* name) const {
    if (const auto* value = call_.argument(name)) out = value->boolean;
  }
  void into(std::optional<std::int64_t>& out, const char* name) const {
    if (const auto* value = call_.argument(name)) out = std::llround(value->number);
  }
  void into(std::optional<double>& out, const char* name) const {
    if (const auto* value = call_.argument(name)) out = value->number;
  }
  void into(std::optional<minutes>& out, const char* name) const {
    if (const auto* value = call_.argument(name)) out = minutes(std::llround(value->number));
  }
  void into(std::map<std::string, std::string>& out, const char* name) const {
    if (const auto* value = call_.argument(name)) out = value->texts();
  }
  void into(std::vector<std::string>& out, const char* name) const {
    const auto* value = call_.argument(name);
    if (value == nullptr) return;
    if (value->type == python_value::kind::list)
      for (const auto& item : value->items) out.push_back(last_part(item.text));
    else
      out.push_back(last_part(value->text));
  }
  bool flag(const char* name) const {
    const auto* value = call_.argument(name);
    return value != nullptr && value->boolean;
  }

  /// "RTX_PRO_6000" of "GpuType.RTX_PRO_6000"; a text as it is.
  static std::string last_part(const std::string& text) {
    for (const std::string type :
         {"GpuType.", "SandboxState.", "SandboxListSortField.", "SandboxListSortDirection.", "CodeLanguage."})
      if (text.starts_with(type)) return text.substr(type.size());
    return text;
  }

 private:
  const python_value& call_;
};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

code_language language_of(const std::string& name) {
  const auto wanted = lower(arguments::last_part(name));
  if (wanted == "typescript") return code_language::typescript;
  return wanted == "javascript" ? code_language::javascript : code_language::python;
}

std::string gpu_name(const std::string& constant) { return constant == "RTX_PRO_6000" ? "RTX-PRO-6000" : constant; }

void read_common(const python_value& call, create_sandbox_params& params) {
  const arguments from{call};
  from.into(params.name, "name");
  if (const auto* language = call.argument("language")) params.language = language_of(language->text);
  from.into(params.os_user, "os_user");
  from.into(params.env_vars, "env_vars");
  from.into(params.labels, "labels");
  from.into(params.is_public, "public");
  from.into(params.auto_stop_interval, "auto_stop_interval");
  from.into(params.auto_pause_interval, "auto_pause_interval");
  from.into(params.auto_archive_interval, "auto_archive_interval");
  from.into(params.auto_delete_interval, "auto_delete_interval");
  from.into(params.ttl_minutes, "ttl_minutes");
  from.into(params.queue_timeout, "queue_timeout");
  from.into(params.secrets, "secrets");
  from.into(params.network_block_all, "network_block_all");
  from.into(params.network_allow_list, "network_allow_list");
  from.into(params.domain_allow_list, "domain_allow_list");
  from.into(params.outbound_proxy_url, "outbound_proxy_url");
  from.into(params.otel_endpoint_override, "otel_endpoint_override");
  params.ephemeral = from.flag("ephemeral");
  from.into(params.spot, "spot");
  from.into(params.kvm, "kvm");
  from.into(params.linked_sandbox, "linked_sandbox");
  from.into(params.target, "target");
  const auto* volumes = call.argument("volumes");
  if (volumes == nullptr) return;
  for (const auto& item : volumes->items) {
    const arguments of{item};
    volume_mount mount;
    of.into(mount.volume_id, "volume_id");
    of.into(mount.mount_path, "mount_path");
    of.into(mount.subpath, "subpath");
    params.volumes.push_back(mount);
  }
}

list_sandboxes_query::time_point time_of(const python_value& call) {
  const auto part = [&](std::size_t n) { return n < call.items.size() ? std::llround(call.items[n].number) : 0; };
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(part(0))),
                                        std::chrono::month(static_cast<unsigned>(part(1))),
                                        std::chrono::day(static_cast<unsigned>(part(2)))};
  auto time = list_sandboxes_query::time_point(std::chrono::sys_days(day)) + std::chrono::hours(part(3)) +
              minutes(part(4)) + std::chrono::seconds(part(5)) + milliseconds(part(6) / 1000);
  const auto* zone = call.argument("tzinfo");
  if (zone == nullptr || zone->type != python_value::kind::call) return time;
  const auto& offset = zone->items.at(0);
  for (const auto& [unit, value] : offset.named)
    time -= minutes(std::llround(value.number) * (unit == "hours" ? 60 : 1));
  return time;
}

std::optional<sandbox_state> state_of(const std::string& name) {
  for (int n = 0; n <= static_cast<int>(sandbox_state::unrecognized); ++n)
    if (to_string(static_cast<sandbox_state>(n)) == lower(name)) return static_cast<sandbox_state>(n);
  return std::nullopt;
}

std::optional<sandbox_sort> sort_of(const std::string& name) {
  const std::map<std::string, sandbox_sort> all{{"name", sandbox_sort::name},
                                                {"cpu", sandbox_sort::cpu},
                                                {"memorygib", sandbox_sort::memory_gib},
                                                {"diskgib", sandbox_sort::disk_gib},
                                                {"lastactivityat", sandbox_sort::last_activity_at},
                                                {"createdat", sandbox_sort::created_at}};
  const auto found = all.find(lower(arguments::last_part(name)));
  if (found == all.end()) return std::nullopt;
  return found->second;
}

}  // namespace

create_from_image_params image_params(const python_value& call) {
  create_from_image_params params;
  read_common(call, params);
  const arguments from{call};
  from.into(params.image, "image");
  if (const auto* wanted = call.argument("resources")) {
    const arguments of{*wanted};
    of.into(params.resources.cpu, "cpu");
    of.into(params.resources.memory, "memory");
    of.into(params.resources.disk, "disk");
    of.into(params.resources.gpu, "gpu");
    of.into(params.resources.gpu_type, "gpu_type");
    for (auto& type : params.resources.gpu_type) type = gpu_name(type);
  }
  return params;
}

create_from_snapshot_params snapshot_params(const python_value& call) {
  create_from_snapshot_params params;
  read_common(call, params);
  arguments(call).into(params.snapshot, "snapshot");
  return params;
}

list_sandboxes_query query_of(const python_value& call) {
  list_sandboxes_query query;
  const arguments from{call};
  from.into(query.limit, "limit");
  from.into(query.id, "id");
  from.into(query.name, "name");
  from.into(query.labels, "labels");
  from.into(query.snapshots, "snapshots");
  from.into(query.targets, "targets");
  from.into(query.min_cpu, "min_cpu");
  from.into(query.max_cpu, "max_cpu");
  from.into(query.min_memory_gib, "min_memory_gib");
  from.into(query.max_memory_gib, "max_memory_gib");
  from.into(query.min_disk_gib, "min_disk_gib");
  from.into(query.max_disk_gib, "max_disk_gib");
  from.into(query.is_public, "is_public");
  from.into(query.is_recoverable, "is_recoverable");
  std::vector<std::string> states;
  from.into(states, "states");
  for (const auto& name : states) query.states.push_back(state_of(name).value());
  const auto time = [&](std::optional<list_sandboxes_query::time_point>& out, const char* name) {
    if (const auto* value = call.argument(name)) out = time_of(*value);
  };
  time(query.created_at_after, "created_at_after");
  time(query.created_at_before, "created_at_before");
  time(query.last_activity_after, "last_activity_after");
  time(query.last_activity_before, "last_activity_before");
  time(query.auto_destroy_at_after, "auto_destroy_at_after");
  time(query.auto_destroy_at_before, "auto_destroy_at_before");
  if (const auto* value = call.argument("sort")) query.sort = sort_of(value->text);
  if (const auto* value = call.argument("order"))
    query.order = lower(arguments::last_part(value->text)) == "asc" ? sort_order::asc : sort_order::desc;
  return query;
}

config config_of(const python_value& call) {
  config settings;
  const arguments from{call};
  from.into(settings.api_key, "api_key");
  from.into(settings.jwt_token, "jwt_token");
  from.into(settings.organization_id, "organization_id");
  from.into(settings.api_url, "api_url");
  from.into(settings.server_url, "server_url");
  from.into(settings.target, "target");
  return settings;
}

bool flag_of(const python_value& call, const char* name) { return arguments(call).flag(name); }

}  // namespace daytona::test
