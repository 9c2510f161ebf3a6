#include "protocol/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daytona/error.hpp"
#include "model/utf8.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::protocol {
namespace {

using std::chrono::minutes;

constexpr std::int64_t max_page_size = 200;

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_non_zero(const std::optional<minutes>& interval) { return interval && *interval != minutes(0); }

void check_interval(const std::optional<minutes>& interval, std::string_view operation, std::string_view rule) {
  check_argument(!interval || *interval >= minutes(0), operation, rule);
}

void check_intervals(const create_sandbox_params& params, std::string_view operation) {
  check_interval(params.auto_stop_interval, operation, "auto_stop_interval must be a non-negative integer");
  check_interval(params.auto_pause_interval, operation, "auto_pause_interval must be a non-negative integer");
  check_argument(!is_non_zero(params.auto_stop_interval) || !is_non_zero(params.auto_pause_interval), operation,
                 "auto_stop_interval and auto_pause_interval are mutually exclusive. Set at most one of them to a "
                 "non-zero value");
  const bool is_ephemeral = params.ephemeral || params.auto_delete_interval == minutes(0);
  check_argument(!is_ephemeral || !is_non_zero(params.auto_pause_interval), operation,
                 "Ephemeral sandboxes cannot have auto-pause enabled. Set auto_pause_interval to 0");
  check_interval(params.auto_archive_interval, operation, "auto_archive_interval must be a non-negative integer");
  check_interval(params.ttl_minutes, operation, "ttl_minutes must be a non-negative integer");
  check_argument(!params.queue_timeout || *params.queue_timeout >= minutes(1), operation,
                 "queue_timeout must be a positive integer");
}

void check_volume(const volume_mount& volume, std::string_view operation) {
  check_argument(!volume.volume_id.empty(), operation, "volumes: volume_id must not be empty");
  check_argument(volume.mount_path.starts_with('/'), operation, "volumes: mount_path must be an absolute path");
  check_text(volume.volume_id, operation, "volumes: volume_id");
  check_text(volume.mount_path, operation, "volumes: mount_path");
  check_text(volume.subpath, operation, "volumes: subpath");
}

void check_texts(const create_sandbox_params& params, std::string_view operation) {
  check_text(params.name, operation, "name");
  check_text(params.os_user, operation, "os_user");
  check_text(params.network_allow_list, operation, "network_allow_list");
  check_text(params.domain_allow_list, operation, "domain_allow_list");
  check_text(params.outbound_proxy_url, operation, "outbound_proxy_url");
  check_text(params.otel_endpoint_override, operation, "otel_endpoint_override");
  check_text(params.linked_sandbox, operation, "linked_sandbox");
  check_text(params.target, operation, "target");
}

void check_common(const create_sandbox_params& params, std::string_view operation) {
  check_intervals(params, operation);
  check_environment(params.env_vars, operation);
  check_labels(params.labels, operation);
  for (const volume_mount& volume : params.volumes) check_volume(volume, operation);
  for (const auto& [variable, secret] : params.secrets) {
    check_argument(is_variable_name(variable), operation,
                   "secrets: the name of an environment variable must match [A-Za-z_][A-Za-z0-9_]*");
    check_argument(!secret.empty(), operation, "secrets: the name of a secret must not be empty");
    check_text(secret, operation, "secrets: the name of a secret");
  }
  check_texts(params, operation);
}

void check_query_texts(const list_sandboxes_query& query, std::string_view operation) {
  check_text(query.id, operation, "id");
  check_text(query.name, operation, "name");
  check_labels(query.labels, operation);
  for (const std::string& snapshot : query.snapshots) check_text(snapshot, operation, "snapshots");
  for (const std::string& target : query.targets) check_text(target, operation, "targets");
}

void check_query_bounds(const list_sandboxes_query& query, std::string_view operation) {
  for (const auto& bound : {query.min_cpu, query.max_cpu, query.min_memory_gib, query.max_memory_gib,
                            query.min_disk_gib, query.max_disk_gib})
    check_argument(!bound || std::isfinite(*bound), operation, "the bounds of cpu, memory and disk must be numbers");
  using namespace std::chrono;
  constexpr sys_days first = year(0) / January / 1,
                     behind_last = year(10'000) / January / 1;  // what RFC 3339 can write
  for (const auto& time : {query.created_at_after, query.created_at_before, query.last_activity_after,
                           query.last_activity_before, query.auto_destroy_at_after, query.auto_destroy_at_before})
    check_argument(!time || (*time >= first && *time < behind_last), operation,
                   "times must lie in the years 0 to 9999");
}

void check_at_least(const std::optional<std::int64_t>& number, std::int64_t least, std::string_view operation,
                    std::string_view rule) {
  check_argument(!number || *number >= least, operation, rule);
}

}  // namespace

void throw_invalid_argument(std::string_view operation, std::string_view rule) {
  error_details details;
  details.operation = operation;
  throw bad_request_error(errc::invalid_argument, message_prefix(operation).append(rule), std::move(details));
}

bool is_field_text(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void check_text(std::string_view text, std::string_view operation, std::string_view name) {
  if (!model::is_utf8(text)) throw_invalid_argument(operation, std::string(name) + " must be valid UTF-8");
}

void check_command(std::string_view command, std::string_view operation) {
  const bool is_blank = command.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
  check_argument(!is_blank, operation, "command must not be blank");
  check_program_text(command, operation, "command");
}

void check_input(std::string_view data, std::string_view operation) {
  check_argument(!data.empty(), operation, "data must not be empty; a line break alone is Enter");
  check_text(data, operation, "data");
}

void check_path_id(std::string_view id, std::string_view name, std::string_view operation) {
  const bool is_segment = !id.empty() && id != "." && id != ".." && id.find('/') == std::string_view::npos;
  check_argument(is_segment && is_field_text(id), operation,
                 std::string(name) + " must not be empty, '.' or '..', nor hold '/' or control characters");
  check_text(id, operation, name);
}

void check_labels(const std::map<std::string, std::string>& labels, std::string_view operation) {
  for (const auto& [name, value] : labels) {
    check_text(name, operation, "labels");
    check_text(value, operation, "labels");
  }
}

void check_program_text(std::string_view text, std::string_view operation, std::string_view name) {
  check_text(text, operation, name);
  if (text.find('\0') != std::string_view::npos)
    throw_invalid_argument(operation, std::string(name) + " must hold no NUL byte");
}

void check_environment(const std::map<std::string, std::string>& variables, std::string_view operation) {
  for (const auto& [name, value] : variables) {
    if (!is_variable_name(name))
      throw_invalid_argument(operation, "env: the name of a variable must match [A-Za-z_][A-Za-z0-9_]*, and '" +
                                            model::replace_invalid_utf8(name) + "' does not");
    check_argument(value.find('\0') == std::string::npos, operation,
                   "env: the value of a variable must hold no NUL byte");
    check_text(value, operation, "env: the value of a variable");
  }
}

std::optional<std::int64_t> command_timeout(std::optional<std::chrono::milliseconds> timeout,
                                            std::string_view operation) {
  if (!timeout || timeout->count() == 0) return std::nullopt;
  check_argument(timeout->count() > 0, operation, "Timeout must be a non-negative number; 0 or absent means none");
  const std::int64_t whole = timeout->count() / 1000 + (timeout->count() % 1000 != 0 ? 1 : 0);
  return std::min<std::int64_t>(whole, longest_time.count());
}

std::optional<std::chrono::milliseconds> operation_timeout(std::chrono::milliseconds timeout,
                                                           std::string_view operation) {
  check_argument(timeout.count() >= 0, operation, "Timeout must be a non-negative number; 0 means none");
  if (timeout.count() == 0) return std::nullopt;
  return std::min<std::chrono::milliseconds>(timeout, longest_time);
}

void check_create(const create_from_snapshot_params& params, std::string_view operation) {
  check_common(params, operation);
  check_text(params.snapshot, operation, "snapshot");
}

void check_create(const create_from_image_params& params, std::string_view operation) {
  check_common(params, operation);
  check_argument(!params.image.empty(), operation,
                 "image must not be empty; give a reference with a tag, like debian:12");
  check_argument(params.image.find_first_of("\r\n") == std::string::npos, operation, "image must be a single line");
  check_text(params.image, operation, "image");
  check_at_least(params.resources.cpu, 1, operation, "resources.cpu must be at least 1");
  check_at_least(params.resources.memory, 1, operation, "resources.memory must be at least 1 (GiB)");
  check_at_least(params.resources.disk, 1, operation, "resources.disk must be at least 1 (GiB)");
  check_at_least(params.resources.gpu, 0, operation, "resources.gpu must not be negative");
  for (const std::string& type : params.resources.gpu_type) check_text(type, operation, "resources.gpu_type");
}

void check_query(const list_sandboxes_query& query, std::string_view operation) {
  check_page({}, query.limit, operation);
  check_query_texts(query, operation);
  check_query_bounds(query, operation);
  for (const sandbox_state state : query.states)
    check_argument(state != sandbox_state::unrecognized, operation, "states must not hold unrecognized");
}

void check_page(std::optional<std::int64_t> page, std::optional<std::int64_t> limit, std::string_view operation) {
  check_at_least(page, 1, operation, "page must be a positive integer");
  check_at_least(limit, 1, operation, "limit must be a positive integer");
  check_argument(!limit || *limit <= max_page_size, operation, "limit must be at most 200");
}

}  // namespace daytona::protocol
