#include "client/file_listing.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "model/files.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0::detail {

namespace {

using sandbox_pointer = std::shared_ptr<sandbox_core>;
using file_list = std::vector<file_info>;

api_request list_request(const std::string& path, int depth) {
  protocol::request_target target{"/files"};
  target.query("path", path);
  if (depth > 1) target.query("depth", std::int64_t{depth});
  api_request request{"GET", std::move(target).text(), list_files_operation};
  request.idempotent = true;
  return request;
}

std::string path_below(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + '/' + name;
}

/// Servers that know several levels tell where each entry is.
bool knows_levels(const file_list& entries) {
  return std::ranges::all_of(entries, [](const file_info& entry) { return entry.path.has_value(); });
}

/// What is in a folder that was there a moment ago; nothing if it may not be read, is gone, or its name came mutilated.
awaitable<file_list> list_if_seen(sandbox_pointer sandbox, std::string path,
                                  std::optional<std::chrono::nanoseconds> limit) {
  try {
    auto request = list_request(path, 1);
    co_return co_await call_toolbox<file_list>(std::move(sandbox), std::move(request), limit);
  } catch (const not_found_error& e) {
    if (e.code() == errc::sandbox_gone) throw;
  } catch (const forbidden_error&) {
    // as folders that are listed at once
  } catch (const bad_request_error&) {
    // the same
  }
  co_return file_list();
}

struct level {
  std::string path;
  file_list entries;
  std::size_t next = 0;
};

}  // namespace

awaitable<file_list> list_levels(sandbox_pointer sandbox, std::string path, int depth) {
  auto executor = co_await asio::this_coro::executor;
  const auto& clock = net::timers_of(executor);
  std::optional<net::steady_time> deadline;
  if (const auto usual = usual_timeout(*sandbox)) deadline = clock.now() + *usual;
  auto request = list_request(path, depth);
  const auto whole = usual_timeout(*sandbox);
  auto entries = co_await call_toolbox<file_list>(sandbox, std::move(request), whole);
  if (depth == 1 || knows_levels(entries)) co_return entries;

  file_list all;
  std::vector<level> levels;
  levels.push_back(level{std::move(path), std::move(entries)});
  while (!levels.empty()) {
    level& here = levels.back();
    if (here.next == here.entries.size()) {
      levels.pop_back();
      continue;
    }
    all.push_back(std::move(here.entries[here.next++]));
    auto place = path_below(here.path, all.back().name);
    all.back().path = place;
    if (!all.back().is_dir || levels.size() >= static_cast<std::size_t>(depth)) continue;
    const auto limit = time_left(*sandbox, clock, deadline);
    auto inside = co_await list_if_seen(sandbox, place, limit);
    levels.push_back(level{std::move(place), std::move(inside)});
  }
  co_return all;
}

}  // namespace daytona::inline v0::detail
