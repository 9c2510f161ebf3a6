#pragma once

#include <daytona/list_sandboxes.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/client_core.hpp"
#include "model/sandbox.hpp"

namespace daytona::inline v0::detail {

/// Where a listing stands.
class sandbox_list_state {
 public:
  sandbox_list_state(std::shared_ptr<client_core> core, list_sandboxes_query query);

  static awaitable<std::optional<sandbox>> next(std::shared_ptr<sandbox_list_state> self);

 private:
  /// Until one has an item, under one deadline: pages may be empty, and a server could go on with them for ever.
  awaitable<void> fetch_pages();

  std::shared_ptr<client_core> core_;
  list_sandboxes_query query_;
  std::deque<model::sandbox_data> page_;
  std::string cursor_;
  bool at_end_ = false;
};

/// One numbered page; a server without the route is read by cursor and counted.
awaitable<paginated_sandboxes> list_page(std::shared_ptr<client_core> core, std::map<std::string, std::string> labels,
                                         std::optional<std::int64_t> page, std::optional<std::int64_t> limit);

}  // namespace daytona::inline v0::detail
