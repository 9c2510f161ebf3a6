#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <tuple>

#include "local/control/list_query.hpp"
#include "local/http/http_error.hpp"
#include "model/base64.hpp"

namespace daytona::local {
namespace {

using model::sandbox_data;

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool matches_text(const list_query& query, std::string_view wanted, std::string_view text) {
  if (wanted.empty()) return true;
  const auto place = lower_case(text).find(lower_case(wanted));
  return query.match_anywhere ? place != std::string::npos : place == 0;
}

bool is_any_of(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool is_within(const number_range& range, double value) {
  return (!range.least || value >= *range.least) && (!range.most || value <= *range.most);
}

bool is_within(const time_range& range, const std::optional<std::string>& time) {
  if (range.after.empty() && range.before.empty()) return true;
  if (!time) return false;
  return (range.after.empty() || *time >= range.after) && (range.before.empty() || *time <= range.before);
}

bool has_labels(const sandbox_data& sandbox, const std::map<std::string, std::string>& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = sandbox.labels.find(label.first);
    return found != sandbox.labels.end() && found->second == label.second;
  });
}

bool matches(const list_query& query, const sandbox_data& sandbox) {
  return matches_text(query, query.id, sandbox.id) && matches_text(query, query.name, sandbox.name) &&
         has_labels(sandbox, query.labels) && is_any_of(query.states, sandbox.state) &&
         is_any_of(query.snapshots, sandbox.snapshot.value_or("")) && is_any_of(query.regions, sandbox.target) &&
         is_any_of(query.classes, sandbox.sandbox_class.value_or("")) && is_within(query.cpu, sandbox.cpu) &&
         is_within(query.memory, sandbox.memory) && is_within(query.disk, sandbox.disk) &&
         (!query.is_public || *query.is_public == sandbox.is_public) &&
         (!query.is_recoverable || *query.is_recoverable == sandbox.recoverable.value_or(false)) &&
         is_within(query.created_at, sandbox.created_at) && is_within(query.last_activity, sandbox.last_activity_at) &&
         is_within(query.auto_destroy_at, sandbox.auto_destroy_at);
}

/// Where a sandbox stands in an order; the id makes it unique.
struct position {
  double number = 0;
  std::string text;
  std::string id;

  auto tied() const { return std::tie(number, text, id); }
};

position position_of(const sandbox_data& sandbox, list_sort sort) {
  const auto numbered = [&](double number) { return position{number, {}, sandbox.id}; };
  const auto named = [&](std::string text) { return position{0, std::move(text), sandbox.id}; };
  switch (sort) {
    case list_sort::id:
      return named({});
    case list_sort::name:
      return named(sandbox.name);
    case list_sort::state:
      return named(sandbox.state);
    case list_sort::snapshot:
      return named(sandbox.snapshot.value_or(""));
    case list_sort::region:
      return named(sandbox.target);
    case list_sort::cpu:
      return numbered(sandbox.cpu);
    case list_sort::memory:
      return numbered(sandbox.memory);
    case list_sort::disk:
      return numbered(sandbox.disk);
    case list_sort::last_activity_at:
      return named(sandbox.last_activity_at.value_or(""));
    case list_sort::created_at:
      return named(sandbox.created_at.value_or(""));
    case list_sort::updated_at:
      return named(sandbox.updated_at.value_or(""));
  }
  return named({});
}

bool comes_before(const list_query& query, const position& left, const position& right) {
  return query.descending ? right.tied() < left.tied() : left.tied() < right.tied();
}

/// Clients put a cursor into a query, some without encoding it.
std::string url_safe(std::string text) {
  std::erase(text, '=');
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string from_url_safe(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return text;
}

std::string cursor_text(const list_query& query, const position& last) {
  boost::json::object cursor;
  cursor["sort"] = static_cast<int>(query.sort);
  cursor["descending"] = query.descending;
  cursor["number"] = last.number;
  cursor["text"] = last.text;
  cursor["id"] = last.id;
  return url_safe(model::encode_base64(boost::json::serialize(cursor)));
}

position read_cursor(const list_query& query) {
  try {
    const auto text = model::decode_base64(from_url_safe(query.cursor));
    const auto root = boost::json::parse(text.value());
    const auto& cursor = root.as_object();
    if (cursor.at("sort").as_int64() != static_cast<int>(query.sort) ||
        cursor.at("descending").as_bool() != query.descending)
      throw http::http_error{400, "Invalid cursor: it belongs to another order"};
    return position{cursor.at("number").to_number<double>(), std::string{cursor.at("text").as_string()},
                    std::string{cursor.at("id").as_string()}};
  } catch (const http::http_error&) {
    throw;
  } catch (const std::exception&) {
    throw http::http_error{400, "Invalid cursor"};
  }
}

}  // namespace

sandbox_list matching(const list_query& query, const sandbox_list& all) {
  std::vector<std::pair<position, const sandbox_data*>> found;
  for (const auto* sandbox : all)
    if (matches(query, *sandbox)) found.emplace_back(position_of(*sandbox, query.sort), sandbox);
  std::ranges::sort(found,
                    [&](const auto& left, const auto& right) { return comes_before(query, left.first, right.first); });

  sandbox_list sorted;
  for (const auto& [unused, sandbox] : found) sorted.push_back(sandbox);
  return sorted;
}

cursor_page page_behind_cursor(const list_query& query, const sandbox_list& all) {
  const auto sorted = matching(query, all);
  auto first = sorted.begin();
  if (!query.cursor.empty()) {
    const auto last_seen = read_cursor(query);
    first = std::ranges::find_if(
        sorted, [&](const auto* sandbox) { return comes_before(query, last_seen, position_of(*sandbox, query.sort)); });
  }
  cursor_page page;
  const auto rest = static_cast<std::size_t>(sorted.end() - first);
  page.items.assign(first, first + static_cast<std::ptrdiff_t>(std::min(query.limit, rest)));
  if (rest > query.limit) page.next_cursor = cursor_text(query, position_of(*page.items.back(), query.sort));
  return page;
}

}  // namespace daytona::local
