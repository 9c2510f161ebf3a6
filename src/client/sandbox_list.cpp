#include <daytona/list_sandboxes.hpp>

#include <fmt/format.h>

#include <exception>
#include <iterator>
#include <utility>

#include "client/api_call.hpp"
#include "client/sandbox_core.hpp"
#include "client/sandbox_list_state.hpp"
#include "protocol/arguments.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/list_query.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::string_view list_operation = "list sandboxes";
constexpr std::int64_t default_page_size = 100;

using operation_pointer = std::shared_ptr<net::operation>;

sandbox handle_of(const std::shared_ptr<client_core>& core, model::sandbox_data data) {
  return sandbox_core::make(std::make_shared<sandbox_core>(core, std::move(data)));
}

awaitable<model::sandbox_page> fetch(std::shared_ptr<client_core> core, operation_pointer op,
                                     list_sandboxes_query query, std::string cursor) {
  protocol::request_target target{"/sandbox"};
  protocol::add_list_query(target, query, cursor);
  api_request request{"GET", target.text(), list_operation};
  request.idempotent = true;
  const auto answer = co_await perform(core, op, request);
  co_return decode<model::sandbox_page>(answer, request);
}

awaitable<operation_pointer> begin_listing(std::shared_ptr<client_core> core) {
  const auto limit = protocol::operation_timeout(core->settings.request_timeout, {});
  return begin_call(std::move(core), limit, list_operation);
}

awaitable<paginated_sandboxes> fetch_numbered(std::shared_ptr<client_core> core, operation_pointer op,
                                              api_request request) {
  const auto answer = co_await perform(core, op, request);
  auto page = decode<model::numbered_sandbox_page>(answer, request);
  paginated_sandboxes result;
  for (auto& item : page.items) result.items.push_back(handle_of(core, std::move(item)));
  result.total = page.total;
  result.page = page.page;
  result.total_pages = page.total_pages;
  co_return result;
}

/// Whether nothing follows. A cursor that stands still would never end.
bool is_last(const model::sandbox_page& page, const std::string& cursor) {
  return page.next_cursor.empty() || page.next_cursor == cursor;
}

/// Reads everything by cursor and cuts the wanted page out of it.
awaitable<paginated_sandboxes> count_by_cursor(std::shared_ptr<client_core> core, operation_pointer op,
                                               std::map<std::string, std::string> labels, std::int64_t page,
                                               std::int64_t limit) {
  list_sandboxes_query query;
  query.labels = std::move(labels);
  paginated_sandboxes result;
  result.page = page;
  std::string cursor;
  bool at_end = false;
  while (!at_end) {
    auto part = co_await fetch(core, op, query, cursor);
    for (auto& item : part.items) {
      const bool wanted = result.total / limit == page - 1;
      if (wanted) result.items.push_back(handle_of(core, std::move(item)));
      ++result.total;
    }
    at_end = is_last(part, cursor);
    cursor = std::move(part.next_cursor);
  }
  result.total_pages = (result.total + limit - 1) / limit;
  co_return result;
}

}  // namespace

sandbox_list_state::sandbox_list_state(std::shared_ptr<client_core> core, list_sandboxes_query query)
    : core_(std::move(core)), query_(std::move(query)) {
  protocol::check_query(query_, list_operation);
}

awaitable<std::optional<sandbox>> sandbox_list_state::next(std::shared_ptr<sandbox_list_state> self) {
  if (self->page_.empty() && !self->at_end_) co_await self->fetch_pages();
  if (self->page_.empty()) co_return std::nullopt;
  auto data = std::move(self->page_.front());
  self->page_.pop_front();
  co_return handle_of(self->core_, std::move(data));
}

awaitable<void> sandbox_list_state::fetch_pages() {
  const auto op = co_await begin_listing(core_);
  while (page_.empty() && !at_end_) {
    auto page = co_await fetch(core_, op, query_, cursor_);
    at_end_ = is_last(page, cursor_);
    cursor_ = std::move(page.next_cursor);
    page_.assign(std::make_move_iterator(page.items.begin()), std::make_move_iterator(page.items.end()));
  }
}

awaitable<paginated_sandboxes> list_page(std::shared_ptr<client_core> core, std::map<std::string, std::string> labels,
                                         std::optional<std::int64_t> page, std::optional<std::int64_t> limit) {
  protocol::request_target target{"/sandbox/paginated"};
  protocol::add_page_query(target, labels, page, limit);
  api_request request{"GET", target.text(), list_operation};
  request.idempotent = true;
  const auto op = co_await begin_listing(core);
  try {
    co_return co_await fetch_numbered(core, op, std::move(request));
  } catch (const not_found_error&) {
  }
  co_return co_await count_by_cursor(std::move(core), op, std::move(labels), page.value_or(1),
                                     limit.value_or(default_page_size));
}

}  // namespace daytona::inline v0::detail

namespace daytona::inline v0 {

paginated_sandboxes::paginated_sandboxes() = default;

sandbox_list::sandbox_list(std::shared_ptr<detail::sandbox_list_state> state) : state_(std::move(state)) {}

boost::asio::awaitable<std::optional<sandbox>> sandbox_list::next() {
  return detail::as_call(detail::sandbox_list_state::next(state_), detail::list_operation);
}

}  // namespace daytona::inline v0
