#include "local/control/list_query.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "local/http/http_error.hpp"
#include "protocol/timestamps.hpp"

namespace daytona::local {
namespace {

using http::http_error;

constexpr std::size_t largest_limit = 200;
constexpr std::array<std::string_view, 21> states_to_filter{
    "creating", "restoring",    "destroying",    "started",           "stopped", "starting", "stopping",
    "error",    "build_failed", "pending_build", "building_snapshot", "unknown", "archived", "archiving",
    "resizing", "snapshotting", "forking",       "pulling_snapshot",  "pausing", "paused",   "resuming"};
constexpr std::array<std::string_view, 4> classes_to_filter{"linux-vm", "container", "android", "windows"};

struct sort_name {
  std::string_view name;
  list_sort sort;
};
constexpr std::array cursor_sorts{sort_name{"name", list_sort::name},
                                  sort_name{"cpu", list_sort::cpu},
                                  sort_name{"memoryGib", list_sort::memory},
                                  sort_name{"diskGib", list_sort::disk},
                                  sort_name{"lastActivityAt", list_sort::last_activity_at},
                                  sort_name{"createdAt", list_sort::created_at}};
constexpr std::array page_sorts{sort_name{"id", list_sort::id},
                                sort_name{"name", list_sort::name},
                                sort_name{"state", list_sort::state},
                                sort_name{"snapshot", list_sort::snapshot},
                                sort_name{"region", list_sort::region},
                                sort_name{"updatedAt", list_sort::updated_at},
                                sort_name{"createdAt", list_sort::created_at},
                                sort_name{"lastActivityAt", list_sort::last_activity_at}};

/// Reads one query, and collects what breaks a rule.
class query_reader {
 public:
  explicit query_reader(const http::query& query) : query_{query} {}

  std::string text(std::string_view name) const { return std::string{query_.find(name).value_or("")}; }

  std::optional<double> number(std::string_view name, double least) {
    const auto value = text(name);
    if (value.empty()) return std::nullopt;
    double parsed = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(parsed)) {
      violate(fmt::format("{} must be a number conforming to the specified constraints", name));
      return std::nullopt;
    }
    if (parsed < least) violate(fmt::format("{} must not be less than {}", name, least));
    return parsed;
  }

  std::size_t whole(std::string_view name, std::size_t otherwise, std::size_t most) {
    const auto value = number(name, 1);
    if (!value || *value < 1) return otherwise;
    if (*value != std::floor(*value)) violate(fmt::format("{} must be an integer number", name));
    if (*value > static_cast<double>(most)) violate(fmt::format("{} must not be greater than {}", name, most));
    return *value > static_cast<double>(most) ? otherwise : static_cast<std::size_t>(*value);
  }

  std::optional<bool> flag(std::string_view name) {
    const auto value = text(name);
    if (value == "true") return true;
    if (value == "false") return false;
    if (!value.empty()) violate(fmt::format("{} must be a boolean value", name));
    return std::nullopt;
  }

  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto value : query_.all(name))
      if (!value.empty()) values.emplace_back(value);
    return values;
  }

  template <class Allowed>
  std::vector<std::string> choices(std::string_view name, const Allowed& allowed) {
    auto values = texts(name);
    for (const auto& value : values)
      if (std::ranges::find(allowed, value) == allowed.end())
        violate(
            fmt::format("each value in {} must be one of the following values: {}", name, fmt::join(allowed, ", ")));
    return values;
  }

  number_range numbers(std::string_view least, std::string_view most) { return {number(least, 1), number(most, 1)}; }

  time_range times(std::string_view after, std::string_view before) { return {time(after), time(before)}; }

  std::map<std::string, std::string> labels() {
    std::map<std::string, std::string> labels;
    const auto value = text("labels");
    if (value.empty() || value == "null") return labels;
    boost::system::error_code error;
    const auto root = boost::json::parse(value, error);
    const auto* object = error ? nullptr : root.if_object();
    if (!object) throw http_error{400, "Invalid labels JSON format"};
    for (const auto& [key, label] : *object) {
      if (!label.is_string()) throw http_error{400, "Invalid labels JSON format"};
      labels[std::string{key}] = std::string{label.get_string().data(), label.get_string().size()};
    }
    return labels;
  }

  template <class Sorts>
  list_sort sort(const Sorts& sorts, list_sort otherwise) {
    const auto value = text("sort");
    if (value.empty()) return otherwise;
    const auto found = std::ranges::find(sorts, value, &sort_name::name);
    if (found != sorts.end()) return found->sort;
    std::vector<std::string_view> names;
    names.reserve(sorts.size());
    for (const auto& known : sorts) names.push_back(known.name);
    violate(fmt::format("sort must be one of the following values: {}", fmt::join(names, ", ")));
    return otherwise;
  }

  bool descending() {
    const auto value = text("order");
    if (!value.empty() && value != "asc" && value != "desc")
      violate("order must be one of the following values: asc, desc");
    return value != "asc";
  }

  void throw_violations() const {
    if (!violations_.empty()) throw http_error{400, fmt::format("{}", fmt::join(violations_, ", "))};
  }

 private:
  void violate(std::string constraint) { violations_.push_back(std::move(constraint)); }

  std::string time(std::string_view name) {
    const auto value = text(name);
    if (value.empty()) return {};
    if (const auto parsed = protocol::parse_timestamp(value)) return protocol::format_timestamp(*parsed);
    violate(fmt::format("{} must be a valid ISO 8601 date string", name));
    return {};
  }

  const http::query& query_;
  std::vector<std::string> violations_;
};

/// What both lists have in common.
list_query read_common(query_reader& reader) {
  list_query wanted;
  wanted.id = reader.text("id");
  wanted.name = reader.text("name");
  wanted.labels = reader.labels();
  wanted.states = reader.choices("states", states_to_filter);
  wanted.snapshots = reader.texts("snapshots");
  wanted.cpu = reader.numbers("minCpu", "maxCpu");
  wanted.memory = reader.numbers("minMemoryGiB", "maxMemoryGiB");
  wanted.disk = reader.numbers("minDiskGiB", "maxDiskGiB");
  wanted.last_activity = reader.times("lastEventAfter", "lastEventBefore");
  wanted.limit = reader.whole("limit", 100, largest_limit);
  wanted.descending = reader.descending();
  wanted.failed_removals = reader.flag("includeErroredDeleted").value_or(false);
  return wanted;
}

}  // namespace

list_query read_cursor_query(const http::query& query) {
  query_reader reader{query};
  list_query wanted = read_common(reader);
  wanted.regions = reader.texts("regionIds");
  wanted.classes = reader.choices("sandboxClasses", classes_to_filter);
  wanted.is_public = reader.flag("isPublic");
  wanted.is_recoverable = reader.flag("isRecoverable");
  wanted.created_at = reader.times("createdAtAfter", "createdAtBefore");
  wanted.auto_destroy_at = reader.times("autoDestroyAtAfter", "autoDestroyAtBefore");
  wanted.sort = reader.sort(cursor_sorts, list_sort::last_activity_at);
  wanted.cursor = reader.text("cursor");
  reader.flag("includeWarm");
  reader.throw_violations();
  return wanted;
}

list_query read_page_query(const http::query& query) {
  query_reader reader{query};
  list_query wanted = read_common(reader);
  wanted.match_anywhere = true;
  wanted.regions = reader.texts("regions");
  wanted.sort = reader.sort(page_sorts, list_sort::created_at);
  wanted.page = reader.whole("page", 1, 1'000'000);
  reader.throw_violations();
  return wanted;
}

}  // namespace daytona::local
