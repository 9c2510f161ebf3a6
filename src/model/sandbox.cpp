#include "model/sandbox.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "model/fields.hpp"

namespace daytona::inline v0 {
namespace {

// In the order of the enumerators; `unrecognized` stands behind them.
constexpr auto state_texts = std::to_array<std::string_view>({
    "creating", "restoring",        "destroyed", "destroying",   "started",       "stopped",
    "starting", "stopping",         "error",     "build_failed", "pending_build", "building_snapshot",
    "unknown",  "pulling_snapshot", "archived",  "archiving",    "resizing",      "snapshotting",
    "forking",  "pausing",          "paused",    "resuming",
});
static_assert(static_cast<std::size_t>(sandbox_state::unrecognized) == state_texts.size());

}  // namespace

std::string_view to_string(sandbox_state state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < state_texts.size() ? state_texts[index] : "unrecognized";
}

}  // namespace daytona::inline v0

namespace daytona::model {
namespace {

constexpr auto language_texts = std::to_array<std::string_view>({"python", "typescript", "javascript"});

// An empty subpath means the whole volume, as does none.
void write_subpath(json_writer& out, std::string_view name, const volume_mount& volume) {
  if (!volume.subpath.empty()) write_member(out, name, volume.subpath);
}
constexpr field_table volume_fields({
    member<&volume_mount::volume_id>("volumeId"),
    member<&volume_mount::mount_path>("mountPath"),
    {"subpath", member<&volume_mount::subpath>("subpath").read, &write_subpath},
});

constexpr field_table build_info_fields({
    member<&build_info::dockerfile_content>("dockerfileContent"),
    member<&build_info::context_hashes>("contextHashes"),
    member<&build_info::created_at>("createdAt"),
    member<&build_info::updated_at>("updatedAt"),
    member<&build_info::snapshot_ref>("snapshotRef"),
});

// null = waits without limit: the only member that is written when it is absent.
void write_queue_timeout(json_writer& out, std::string_view name, const sandbox_data& sandbox) {
  if (sandbox.queue_timeout) return write_member(out, name, *sandbox.queue_timeout);
  out.key(name);
  out.null();
}

constexpr field_table sandbox_fields({
    required<&sandbox_data::id>("id"),
    member<&sandbox_data::organization_id>("organizationId"),
    member<&sandbox_data::name>("name"),
    member<&sandbox_data::snapshot>("snapshot"),
    member<&sandbox_data::user>("user"),
    single_only<&sandbox_data::env>("env"),
    member<&sandbox_data::labels>("labels"),
    member<&sandbox_data::is_public>("public"),
    member<&sandbox_data::network_block_all>("networkBlockAll"),
    member<&sandbox_data::network_allow_list>("networkAllowList"),
    member<&sandbox_data::domain_allow_list>("domainAllowList"),
    single_only<&sandbox_data::outbound_proxy_url>("outboundProxyUrl"),
    single_only<&sandbox_data::otel_endpoint_override>("otelEndpointOverride"),
    member<&sandbox_data::target>("target"),
    member<&sandbox_data::cpu>("cpu"),
    member<&sandbox_data::gpu>("gpu"),
    member<&sandbox_data::memory>("memory"),
    member<&sandbox_data::disk>("disk"),
    member<&sandbox_data::spot>("spot"),
    member<&sandbox_data::spot_evicted_at>("spotEvictedAt"),
    single_only<&sandbox_data::kvm>("kvm"),
    member<&sandbox_data::gpu_type>("gpuType"),
    member<&sandbox_data::state>("state"),
    member<&sandbox_data::desired_state>("desiredState"),
    member<&sandbox_data::error_reason>("errorReason"),
    member<&sandbox_data::recoverable>("recoverable"),
    member<&sandbox_data::warm_pool_id>("warmPoolId"),
    member<&sandbox_data::backup_state>("backupState"),
    single_only<&sandbox_data::backup_created_at>("backupCreatedAt"),
    member<&sandbox_data::auto_stop_interval>("autoStopInterval"),
    member<&sandbox_data::auto_pause_interval>("autoPauseInterval"),
    member<&sandbox_data::auto_archive_interval>("autoArchiveInterval"),
    member<&sandbox_data::auto_delete_interval>("autoDeleteInterval"),
    member<&sandbox_data::auto_destroy_at>("autoDestroyAt"),
    {"queueTimeout", member<&sandbox_data::queue_timeout>("queueTimeout").read, &write_queue_timeout},
    member<&sandbox_data::queue_timed_out_at>("queueTimedOutAt"),
    single_only<&sandbox_data::volumes>("volumes"),
    single_only<&sandbox_data::build_info>("buildInfo"),
    member<&sandbox_data::created_at>("createdAt"),
    member<&sandbox_data::updated_at>("updatedAt"),
    member<&sandbox_data::last_activity_at>("lastActivityAt"),
    member<&sandbox_data::sandbox_class>("sandboxClass"),
    member<&sandbox_data::daemon_version>("daemonVersion"),
    member<&sandbox_data::runner_id>("runnerId"),
    single_only<&sandbox_data::linked_sandbox_id>("linkedSandboxId"),
    member<&sandbox_data::toolbox_proxy_url>("toolboxProxyUrl"),
});

void write_items(json_writer& out, const std::vector<sandbox_data>& items, bool in_list) {
  out.key("items");
  out.begin_array();
  for (const sandbox_data& item : items) write_fields<sandbox_data>(out, item, sandbox_fields, in_list);
  out.end_array();
}

constexpr field_table page_fields({
    required_or_null<&sandbox_page::items>("items"),
    member<&sandbox_page::next_cursor>("nextCursor"),
});

constexpr field_table numbered_page_fields({
    required_or_null<&numbered_sandbox_page::items>("items"),
    required<&numbered_sandbox_page::total>("total"),
    member<&numbered_sandbox_page::page>("page"),
    member<&numbered_sandbox_page::total_pages>("totalPages"),
});

constexpr field_table url_fields({required<&url_answer::url>("url")});

}  // namespace

sandbox_state state_from_text(std::string_view text) noexcept {
  const auto found = std::find(state_texts.begin(), state_texts.end(), text);
  return static_cast<sandbox_state>(found - state_texts.begin());
}

std::string_view to_string(code_language language) noexcept {
  return language_texts[static_cast<std::size_t>(language)];
}

std::optional<code_language> language_from_text(std::string_view text) noexcept {
  const auto found = std::find(language_texts.begin(), language_texts.end(), text);
  if (found == language_texts.end()) return std::nullopt;
  return static_cast<code_language>(found - language_texts.begin());
}

void read(const json_node& node, volume_mount& out) { read_fields(node, out, volume_fields); }
void write(json_writer& out, const volume_mount& volume) { write_fields<volume_mount>(out, volume, volume_fields); }
void read(const json_node& node, build_info& out) { read_fields(node, out, build_info_fields); }
void write(json_writer& out, const build_info& info) { write_fields<build_info>(out, info, build_info_fields); }

// An id becomes a part of paths: an empty one or a dot would lead elsewhere.
void read(const json_node& node, sandbox_data& out) {
  read_fields(node, out, sandbox_fields);
  const bool is_path_trick = out.id.empty() || out.id == "." || out.id == "..";
  if (!node.failed() && is_path_trick) node.expect_failed("a sandbox with an id");
}
void write(json_writer& out, const sandbox_data& sandbox) { write_fields<sandbox_data>(out, sandbox, sandbox_fields); }
void write_list_item(json_writer& out, const sandbox_data& sandbox) {
  write_fields<sandbox_data>(out, sandbox, sandbox_fields, true);
}

void read(const json_node& node, sandbox_page& out) {
  if (node.value().elements()) return read(node, out.items);
  read_fields(node, out, page_fields);
}
void write(json_writer& out, const sandbox_page& page) {
  out.begin_object();
  write_items(out, page.items, true);
  out.key("nextCursor");
  if (page.next_cursor.empty())
    out.null();
  else
    out.value(page.next_cursor);
  out.end_object();
}

void read(const json_node& node, numbered_sandbox_page& out) { read_fields(node, out, numbered_page_fields); }
void write(json_writer& out, const numbered_sandbox_page& page) {
  out.begin_object();
  write_items(out, page.items, false);
  out.member("total", page.total);
  out.member("page", page.page);
  out.member("totalPages", page.total_pages);
  out.end_object();
}

void read(const json_node& node, url_answer& out) { read_fields(node, out, url_fields); }
void write(json_writer& out, const url_answer& answer) { write_fields<url_answer>(out, answer, url_fields); }

}  // namespace daytona::model
