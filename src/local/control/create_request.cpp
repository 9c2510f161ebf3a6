#include "local/control/create_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "local/control/body_reader.hpp"
#include "local/control/regions.hpp"
#include "local/control/snapshots.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local {
namespace {

using http::http_error;
using std::chrono::minutes;

constexpr std::int64_t default_auto_stop = 15;
constexpr std::int64_t default_auto_archive = 10'080;
constexpr std::string_view only_user = "daytona";

struct unsupported_member {
  std::string_view name;
  std::string_view remedy;
};

/// What would have to be enforced, and is not yet: better refused than ignored.
constexpr std::array unsupported{
    unsupported_member{"networkAllowList", "leave it out, or set networkBlockAll"},
    unsupported_member{"domainAllowList", "leave it out, or set networkBlockAll"},
    unsupported_member{"outboundProxyUrl", "leave it out"},
    unsupported_member{"otelEndpointOverride", "leave it out"},
    unsupported_member{"volumes", "leave it out"},
    unsupported_member{"secrets", "leave it out, or pass values in env"},
    unsupported_member{"linkedSandbox", "leave it out"},
    unsupported_member{"buildInfo", "create from a snapshot instead of an image"},
    unsupported_member{"spot", "leave it out"},
    unsupported_member{"kvm", "leave it out"},
    unsupported_member{"autoPauseInterval", "leave it out, or use autoStopInterval"},
    unsupported_member{"ttlMinutes", "leave it out, or use autoDeleteInterval"},
};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_plain_name(std::string_view name) {
  return std::ranges::none_of(name, is_control) && name.find('<') == std::string_view::npos &&
         name.find('>') == std::string_view::npos && name.find("://") == std::string_view::npos;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t") - first + 1)};
}

bool is_environment_name(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

void check_environment(body_reader& body, const std::map<std::string, std::string>& env) {
  for (const auto& [name, value] : env) {
    if (!is_environment_name(name)) body.violate("env must have names that are not empty and hold neither '=' nor NUL");
    if (value.find('\0') != std::string::npos) body.violate(fmt::format("env.{} must not contain NUL", name));
  }
}

std::optional<minutes> interval(body_reader& body, std::string_view name, std::string_view words,
                                std::optional<std::int64_t> otherwise) {
  auto value = body.integer(name);
  if (value && *value < 0 && !words.empty()) body.violate(fmt::format("{} interval must be non-negative", words));
  if (!value) value = otherwise;
  return value ? std::optional{minutes{*value}} : std::nullopt;
}

void read_texts(body_reader& body, model::sandbox_data& sandbox) {
  sandbox.name = body.text("name").value_or("");
  if (!is_plain_name(sandbox.name)) body.violate("name must not contain HTML tags, URLs, or control characters");
  if (sandbox.name.size() > 255) body.violate("name must be shorter than or equal to 255 characters");
  sandbox.user = body.text("user").value_or("");
  if (sandbox.user.empty()) sandbox.user = only_user;
  sandbox.env = body.text_map("env").value_or(std::map<std::string, std::string>{});
  check_environment(body, sandbox.env);
  sandbox.labels = body.text_map("labels").value_or(std::map<std::string, std::string>{});
  sandbox.is_public = body.flag("public").value_or(false);
  sandbox.network_block_all = body.flag("networkBlockAll").value_or(false);
}

void read_intervals(body_reader& body, model::sandbox_data& sandbox) {
  sandbox.auto_stop_interval = interval(body, "autoStopInterval", "Auto-stop", default_auto_stop);
  sandbox.auto_pause_interval = interval(body, "autoPauseInterval", "Auto-pause", 0);
  auto archive = interval(body, "autoArchiveInterval", "Auto-archive", default_auto_archive);
  if (archive->count() == 0 || archive->count() > longest_auto_archive_interval)
    archive = minutes{longest_auto_archive_interval};
  sandbox.auto_archive_interval = archive;
  sandbox.auto_delete_interval = interval(body, "autoDeleteInterval", "", -1);
  sandbox.queue_timeout = interval(body, "queueTimeout", "", std::nullopt);
  if (sandbox.queue_timeout && sandbox.queue_timeout->count() < 1) body.violate("queueTimeout must not be less than 1");
  if (body.integer("ttlMinutes").value_or(0) < 0) body.violate("ttlMinutes must not be less than 0");
}

void refuse_unsupported(const body_reader& body, const model::sandbox_data& sandbox) {
  if (body.is_set("buildInfo") && body.is_set("snapshot"))
    throw http_error{400, "Cannot specify a snapshot when using a build info entry"};
  body_reader refusals{""};
  for (const auto& [name, remedy] : unsupported)
    if (body.is_set(name)) refusals.violate(fmt::format("{} is not supported by this local backend: {}", name, remedy));
  if (sandbox.user != only_user)
    refusals.violate("user is not supported by this local backend other than daytona: leave it out");
  refusals.throw_violations();
  for (const std::string_view resource : {"cpu", "memory", "disk", "gpu"})
    if (body.is_set(resource)) throw http_error{400, "Cannot specify Sandbox resources when using a snapshot"};
  if (body.is_set("gpuType")) throw http_error{400, "Cannot specify a GPU type when using a snapshot"};
}

void choose_snapshot(body_reader& body, model::sandbox_data& sandbox) {
  std::string wanted = body.text("snapshot").value_or("");
  if (wanted.empty()) wanted = default_snapshot_name;
  const auto* snapshot = find_snapshot(wanted);
  if (!snapshot)
    throw http_error{400, fmt::format("Snapshot {} not found. Did you add it through the Daytona Dashboard?", wanted)};
  sandbox.snapshot = snapshot->name;
  sandbox.cpu = snapshot->cpu;
  sandbox.memory = snapshot->memory;
  sandbox.disk = snapshot->disk;
}

void choose_region(body_reader& body, model::sandbox_data& sandbox) {
  sandbox.target = trimmed(body.text("target").value_or(""));
  if (sandbox.target.empty()) sandbox.target = region_names().front();
  if (!is_region(sandbox.target)) throw http_error{404, "Region not found"};
}

}  // namespace

model::sandbox_data read_create_request(std::string_view text) {
  body_reader body{text};
  model::sandbox_data sandbox;
  read_texts(body, sandbox);
  read_intervals(body, sandbox);
  for (const std::string_view name :
       {"snapshot", "target", "linkedSandbox", "networkAllowList", "domainAllowList", "outboundProxyUrl"})
    body.text(name);
  for (const std::string_view name : {"spot", "kvm"}) body.flag(name);
  for (const std::string_view name : {"cpu", "memory", "disk", "gpu"}) body.integer(name);
  body.throw_violations();

  refuse_unsupported(body, sandbox);
  choose_snapshot(body, sandbox);
  choose_region(body, sandbox);
  sandbox.backup_state = "None";
  sandbox.sandbox_class = "container";
  return sandbox;
}

std::map<std::string, std::string> read_labels_request(std::string_view text) {
  body_reader body{text};
  auto labels = body.text_map("labels");
  body.throw_violations();
  if (!labels) throw http_error{400, "labels must be an object"};
  return std::move(*labels);
}

}  // namespace daytona::local
