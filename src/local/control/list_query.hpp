#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "local/http/target.hpp"
#include "model/sandbox.hpp"

namespace daytona::local {

/// Bounds of one number, both inclusive.
struct number_range {
  std::optional<double> least;
  std::optional<double> most;
};

/// Bounds of one time, as this backend writes times: such texts compare like the times they stand for.
struct time_range {
  std::string after;   ///< Empty = none.
  std::string before;  ///< Empty = none.
};

enum class list_sort { id, name, state, snapshot, region, cpu, memory, disk, last_activity_at, created_at, updated_at };

/// Which sandboxes to list, and in which order.
struct list_query {
  std::string id;    ///< Prefix (cursor list) or part (page list), without case. Empty = any.
  std::string name;  ///< The same.
  bool match_anywhere = false;
  std::map<std::string, std::string> labels;
  std::vector<std::string> states;
  std::vector<std::string> snapshots;
  std::vector<std::string> regions;
  std::vector<std::string> classes;
  number_range cpu;
  number_range memory;
  number_range disk;
  std::optional<bool> is_public;
  std::optional<bool> is_recoverable;
  time_range created_at;
  time_range last_activity;
  time_range auto_destroy_at;
  list_sort sort = list_sort::last_activity_at;
  bool descending = true;
  std::size_t limit = 100;
  bool failed_removals = false;  ///< Also those whose removal failed.
  std::size_t page = 1;          ///< Of the page list.
  std::string cursor;            ///< Of the cursor list; empty = from the beginning.
};

/// Reads the query of `GET /sandbox`. Throws `http_error` 400 with every violated constraint.
list_query read_cursor_query(const http::query& query);
/// Reads the query of `GET /sandbox/paginated`.
list_query read_page_query(const http::query& query);

using sandbox_list = std::vector<const model::sandbox_data*>;

/// Those that `query` asks for, in its order.
sandbox_list matching(const list_query& query, const sandbox_list& all);

struct cursor_page {
  sandbox_list items;
  std::string next_cursor;  ///< Empty = the last page.
};
/// The page behind `query.cursor`. A sandbox that appears or vanishes between two pages neither repeats nor hides
/// another. Throws `http_error` 400 for a cursor that is not one of ours, or of another order.
cursor_page page_behind_cursor(const list_query& query, const sandbox_list& all);

}  // namespace daytona::local
