#include "protocol/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daytona/error.hpp"
#include "model/utf8.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::protocol {
namespace {

constexpr std::int64_t max_page_size = 200;

void check_query_texts(const list_sandboxes_query& query, std::string_view operation) {
  check_text(query.id, operation, "id");
  check_text(query.name, operation, "name");
  check_labels(query.labels, operation);
  for (const std::string& snapshot : query.snapshots) check_text(snapshot, operation, "snapshots");
  for (const std::string& target : query.targets) check_text(target, operation, "targets");
}

void check_order(const std::optional<double>& least, const std::optional<double>& most, std::string_view operation,
                 std::string_view rule) {
  check_argument(!least || !most || *least <= *most, operation, rule);
}

void check_query_bounds(const list_sandboxes_query& query, std::string_view operation) {
  for (const auto& bound : {query.min_cpu, query.max_cpu, query.min_memory_gib, query.max_memory_gib,
                            query.min_disk_gib, query.max_disk_gib})
    check_argument(!bound || (std::isfinite(*bound) && *bound >= 1), operation,
                   "the bounds of cpu, memory and disk must be numbers of at least 1");
  check_order(query.min_cpu, query.max_cpu, operation, "min_cpu must not be above max_cpu");
  check_order(query.min_memory_gib, query.max_memory_gib, operation, "min_memory_gib must not be above max_memory_gib");
  check_order(query.min_disk_gib, query.max_disk_gib, operation, "min_disk_gib must not be above max_disk_gib");
  using namespace std::chrono;
  constexpr sys_days first = year(0) / January / 1,
                     behind_last = year(10'000) / January / 1;  // what RFC 3339 can write
  for (const auto& time : {query.created_at_after, query.created_at_before, query.last_activity_after,
                           query.last_activity_before, query.auto_destroy_at_after, query.auto_destroy_at_before})
    check_argument(!time || (*time >= first && *time < behind_last), operation,
                   "times must lie in the years 0 to 9999");
}

}  // namespace

bool is_variable_name(std::string_view name) noexcept {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void check_at_least(const std::optional<std::int64_t>& number, std::int64_t least, std::string_view operation,
                    std::string_view rule) {
  check_argument(!number || *number >= least, operation, rule);
}

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

void check_file_text(std::string_view text, std::string_view name, std::string_view operation) {
  check_argument(!text.empty(), operation, std::string(name) + " must not be empty");
  check_argument(text.find('\0') == std::string_view::npos, operation, std::string(name) + " must hold no NUL byte");
}

void check_file_mode(std::string_view mode, std::string_view operation) {
  const bool is_octal = !mode.empty() && mode.find_first_not_of("01234567") == std::string_view::npos;
  const auto first = std::min(mode.find_first_not_of('0'), mode.size());
  check_argument(is_octal && mode.size() - first <= 4, operation,
                 "mode must be octal digits, such as 644 or 0755, and at most 7777");
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

void check_query(const list_sandboxes_query& query, std::string_view operation) {
  check_page({}, query.limit, operation);
  check_query_texts(query, operation);
  check_query_bounds(query, operation);
  for (const sandbox_state state : query.states) {
    check_argument(is_enumerator(state, sandbox_state::unrecognized) && state != sandbox_state::unrecognized, operation,
                   "states must not hold unrecognized");
    check_argument(state != sandbox_state::destroyed, operation,
                   "states must not hold destroyed: such sandboxes are never listed");
  }
  check_argument(!query.sort || is_enumerator(*query.sort, sandbox_sort::created_at), operation,
                 "sort must be a sandbox_sort");
  check_argument(!query.order || is_enumerator(*query.order, sort_order::desc), operation,
                 "order must be a sort_order");
}

void check_page(std::optional<std::int64_t> page, std::optional<std::int64_t> limit, std::string_view operation) {
  check_at_least(page, 1, operation, "page must be a positive integer");
  check_at_least(limit, 1, operation, "limit must be a positive integer");
  check_argument(!limit || *limit <= max_page_size, operation, "limit must be at most 200");
}

}  // namespace daytona::protocol
