#include "protocol/list_query.hpp"

#include <vector>

#include "model/json.hpp"
#include "protocol/timestamps.hpp"

namespace daytona::protocol {
namespace {

void add(request_target& target, std::string_view name, const std::string& text) {
  if (!text.empty()) target.query(name, text);
}
void add(request_target& target, std::string_view name, const std::optional<double>& number) {
  if (number) target.query(name, *number);
}
void add(request_target& target, std::string_view name, const std::optional<std::int64_t>& number) {
  if (number) target.query(name, *number);
}
void add(request_target& target, std::string_view name, const std::optional<bool>& flag) {
  if (flag) target.query(name, *flag);
}
void add(request_target& target, std::string_view name, const std::optional<utc_time>& time) {
  if (time) target.query(name, format_timestamp(*time));
}
void add(request_target& target, std::string_view name, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) target.query(name, text);
}
void add(request_target& target, const std::map<std::string, std::string>& labels) {
  if (!labels.empty()) target.query("labels", model::to_json(labels));
}

void add_bounds(request_target& target, const list_sandboxes_query& query) {
  add(target, "minCpu", query.min_cpu);
  add(target, "maxCpu", query.max_cpu);
  add(target, "minMemoryGiB", query.min_memory_gib);
  add(target, "maxMemoryGiB", query.max_memory_gib);
  add(target, "minDiskGiB", query.min_disk_gib);
  add(target, "maxDiskGiB", query.max_disk_gib);
}

void add_times(request_target& target, const list_sandboxes_query& query) {
  add(target, "createdAtAfter", query.created_at_after);
  add(target, "createdAtBefore", query.created_at_before);
  add(target, "lastEventAfter", query.last_activity_after);
  add(target, "lastEventBefore", query.last_activity_before);
  add(target, "autoDestroyAtAfter", query.auto_destroy_at_after);
  add(target, "autoDestroyAtBefore", query.auto_destroy_at_before);
}

}  // namespace

void add_list_query(request_target& target, const list_sandboxes_query& query, std::string_view cursor) {
  if (!cursor.empty()) target.query("cursor", cursor);
  add(target, "limit", query.limit);
  add(target, "id", query.id);
  add(target, "name", query.name);
  add(target, query.labels);
  for (const sandbox_state state : query.states) target.query("states", to_string(state));
  add(target, "snapshots", query.snapshots);
  add(target, "regionIds", query.targets);
  add_bounds(target, query);
  add(target, "isPublic", query.is_public);
  add(target, "isRecoverable", query.is_recoverable);
  add_times(target, query);
  if (query.sort) target.query("sort", to_string(*query.sort));
  if (query.order) target.query("order", to_string(*query.order));
}

void add_page_query(request_target& target, const std::map<std::string, std::string>& labels,
                    std::optional<std::int64_t> page, std::optional<std::int64_t> limit) {
  add(target, "page", page);
  add(target, "limit", limit);
  add(target, labels);
}

std::string_view to_string(sandbox_sort sort) noexcept {
  switch (sort) {
    case sandbox_sort::name:
      return "name";
    case sandbox_sort::cpu:
      return "cpu";
    case sandbox_sort::memory_gib:
      return "memoryGib";
    case sandbox_sort::disk_gib:
      return "diskGib";
    case sandbox_sort::last_activity_at:
      return "lastActivityAt";
    case sandbox_sort::created_at:
      return "createdAt";
  }
  return "lastActivityAt";
}

std::string_view to_string(sort_order order) noexcept { return order == sort_order::asc ? "asc" : "desc"; }

}  // namespace daytona::protocol
