#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/sandbox_info.hpp"
#include "daytona/sandbox_params.hpp"
#include "model/json.hpp"

namespace daytona::model {

/// Everything that a server tells of a sandbox. Only the id is required: servers of other generations leave out the
/// rest.
struct sandbox_data {
  std::string id;
  std::string organization_id;
  std::string name;
  std::optional<std::string> snapshot;
  std::string user;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> labels;
  bool is_public = false;
  bool network_block_all = false;
  std::optional<std::string> network_allow_list;
  std::optional<std::string> domain_allow_list;
  std::optional<std::string> outbound_proxy_url;
  std::optional<std::string> otel_endpoint_override;
  std::string target;
  double cpu = 0;
  double gpu = 0;
  double memory = 0;
  double disk = 0;
  bool spot = false;
  std::optional<std::string> spot_evicted_at;
  bool kvm = false;
  std::optional<std::string> gpu_type;
  std::string state;  ///< As the server wrote it; `state_from_text` reads it.
  std::optional<std::string> desired_state;
  std::optional<std::string> error_reason;
  std::optional<bool> recoverable;
  std::optional<std::string> warm_pool_id;
  std::optional<std::string> backup_state;
  std::optional<std::string> backup_created_at;
  std::optional<std::chrono::minutes> auto_stop_interval;
  std::optional<std::chrono::minutes> auto_pause_interval;
  std::optional<std::chrono::minutes> auto_archive_interval;
  std::optional<std::chrono::minutes> auto_delete_interval;
  std::optional<std::string> auto_destroy_at;
  std::optional<std::chrono::minutes> queue_timeout;
  std::optional<std::string> queue_timed_out_at;
  std::vector<volume_mount> volumes;
  std::optional<daytona::build_info> build_info;
  std::optional<std::string> created_at;
  std::optional<std::string> updated_at;
  std::optional<std::string> last_activity_at;
  std::optional<std::string> sandbox_class;
  std::optional<std::string> daemon_version;
  std::optional<std::string> runner_id;
  std::optional<std::string> linked_sandbox_id;
  std::string toolbox_proxy_url;
};

/// `unrecognized` for what is not one of the states.
sandbox_state state_from_text(std::string_view text) noexcept;

/// The label that holds a sandbox's language.
inline constexpr std::string_view language_label = "code-toolbox-language";
std::string_view to_string(code_language language) noexcept;
std::optional<code_language> language_from_text(std::string_view text) noexcept;

void read(const json_node& node, volume_mount& out);
void write(json_writer& out, const volume_mount& volume);
void read(const json_node& node, daytona::build_info& out);
void write(json_writer& out, const daytona::build_info& info);
void read(const json_node& node, sandbox_data& out);
/// The whole object, as the answer to a single read.
void write(json_writer& out, const sandbox_data& sandbox);
/// The object as the members of a list have it: without `env`, `volumes`, `buildInfo` and some more.
void write_list_item(json_writer& out, const sandbox_data& sandbox);

/// A page of the cursor list.
struct sandbox_page {
  std::vector<sandbox_data> items;
  std::string next_cursor;  ///< Empty = the last page.
};
/// Also reads the bare array that the oldest servers answer with.
void read(const json_node& node, sandbox_page& out);
void write(json_writer& out, const sandbox_page& page);

/// A page of the numbered list.
struct numbered_sandbox_page {
  std::vector<sandbox_data> items;
  std::int64_t total = 0;
  std::int64_t page = 0;
  std::int64_t total_pages = 0;
};
void read(const json_node& node, numbered_sandbox_page& out);
void write(json_writer& out, const numbered_sandbox_page& page);

/// `{"url": …}`: the answer of `GET /sandbox/{id}/toolbox-proxy-url`.
struct url_answer {
  std::string url;
};
void read(const json_node& node, url_answer& out);
void write(json_writer& out, const url_answer& answer);

}  // namespace daytona::model
