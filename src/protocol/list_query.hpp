#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/list_sandboxes_query.hpp"
#include "protocol/url.hpp"

namespace daytona::protocol {

/// Puts `query` on `GET /sandbox`; an empty `cursor` asks for the first page.
void add_list_query(request_target& target, const list_sandboxes_query& query, std::string_view cursor);

/// Puts the parameters on `GET /sandbox/paginated`.
void add_page_query(request_target& target, const std::map<std::string, std::string>& labels,
                    std::optional<std::int64_t> page, std::optional<std::int64_t> limit);

std::string_view to_string(sandbox_sort sort) noexcept;
std::string_view to_string(sort_order order) noexcept;

}  // namespace daytona::protocol
