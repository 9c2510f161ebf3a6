#include <boost/url/ipv4_address.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "protocol/arguments.hpp"

namespace daytona::protocol {
namespace {

using std::chrono::minutes;

constexpr minutes longest_interval{std::numeric_limits<std::int32_t>::max()};
constexpr std::ptrdiff_t most_listed = 10;

/// Whether each part of `text` between separators is of the kind that `is_one` tells.
template <class Predicate>
bool all_parts(std::string_view text, char separator, const Predicate& is_one) {
  for (;;) {
    const auto end = text.find(separator);
    if (!is_one(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_mount_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  return all_parts(path.substr(1), '/',
                   [](std::string_view part) { return !part.empty() && part != "." && part != ".."; });
}

bool is_subpath(std::string_view path) {
  if (path.empty()) return true;
  return all_parts(path, '/', [](std::string_view part) { return !part.empty() && part != ".."; });
}

std::string_view without_spaces(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Whether `text` is empty, or a list of up to ten, separated by commas and spaces.
template <class Predicate>
bool is_list_of(std::string_view text, const Predicate& is_one) {
  if (text.empty()) return true;
  return std::count(text.begin(), text.end(), ',') < most_listed &&
         all_parts(text, ',', [&](std::string_view part) { return is_one(without_spaces(part)); });
}

bool is_cidr(std::string_view text) {
  constexpr unsigned longest_prefix = 32;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || !boost::urls::parse_ipv4_address({text.data(), slash})) return false;
  const char* const end = text.data() + text.size();
  unsigned prefix = 0;
  const auto read = std::from_chars(text.data() + slash + 1, end, prefix);
  return read.ec == std::errc() && read.ptr == end && prefix <= longest_prefix;
}

bool is_domain(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  const auto is_letter = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c >= 0x80;
  };
  return all_parts(text, '.', [&](std::string_view label) {
    return !label.empty() && std::all_of(label.begin(), label.end(), is_letter);
  });
}

bool is_absolute_url(std::string_view text) {
  const auto read = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
  return read.has_value() && !read->encoded_host().empty();
}

bool is_non_zero(const std::optional<minutes>& interval) { return interval && *interval != minutes(0); }

void check_interval(const std::optional<minutes>& interval, std::string_view operation, std::string_view name) {
  check_argument(!interval || *interval >= minutes(0), operation,
                 std::string(name) + " must be a non-negative integer");
  check_argument(!interval || *interval <= longest_interval, operation,
                 std::string(name) + " must be at most 2147483647 minutes");
}

void check_intervals(const create_sandbox_params& params, std::string_view operation) {
  check_interval(params.auto_stop_interval, operation, "auto_stop_interval");
  check_interval(params.auto_pause_interval, operation, "auto_pause_interval");
  check_argument(!is_non_zero(params.auto_stop_interval) || !is_non_zero(params.auto_pause_interval), operation,
                 "auto_stop_interval and auto_pause_interval are mutually exclusive. Set at most one of them to a "
                 "non-zero value");
  const bool is_ephemeral = params.ephemeral || params.auto_delete_interval == minutes(0);
  check_argument(!is_ephemeral || !is_non_zero(params.auto_pause_interval), operation,
                 "Ephemeral sandboxes cannot have auto-pause enabled. Set auto_pause_interval to 0");
  check_interval(params.auto_archive_interval, operation, "auto_archive_interval");
  check_interval(params.ttl_minutes, operation, "ttl_minutes");
  if (params.auto_delete_interval && *params.auto_delete_interval >= minutes(0))  // negative = off
    check_interval(params.auto_delete_interval, operation, "auto_delete_interval");
  check_argument(!params.queue_timeout || *params.queue_timeout >= minutes(1), operation,
                 "queue_timeout must be a positive integer");
  check_interval(params.queue_timeout, operation, "queue_timeout");
}

void check_volume(const volume_mount& volume, std::string_view operation) {
  check_argument(!volume.volume_id.empty(), operation, "volumes: volume_id must not be empty");
  check_argument(is_mount_path(volume.mount_path), operation,
                 "volumes: mount_path must be an absolute path below / without empty, . and .. components");
  check_argument(is_subpath(volume.subpath), operation,
                 "volumes: subpath must be a relative path without empty and .. components");
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

void check_network(const create_sandbox_params& params, std::string_view operation) {
  check_argument(is_list_of(params.network_allow_list, is_cidr), operation,
                 "network_allow_list must be up to 10 IPv4 networks like 10.0.0.0/8, separated by commas");
  check_argument(is_list_of(params.domain_allow_list, is_domain), operation,
                 "domain_allow_list must be up to 10 domains like example.com or *.example.com, separated by commas");
  check_argument(params.outbound_proxy_url.empty() || is_absolute_url(params.outbound_proxy_url), operation,
                 "outbound_proxy_url must be an absolute URL");
  check_argument(params.otel_endpoint_override.empty() || is_absolute_url(params.otel_endpoint_override), operation,
                 "otel_endpoint_override must be an absolute URL");
}

void check_common(const create_sandbox_params& params, std::string_view operation) {
  check_argument(!params.language || is_enumerator(*params.language, code_language::javascript), operation,
                 "language must be a code_language");
  check_argument(is_field_text(params.name), operation, "name must hold no control characters");
  check_intervals(params, operation);
  check_network(params, operation);
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

}  // namespace

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

}  // namespace daytona::protocol
