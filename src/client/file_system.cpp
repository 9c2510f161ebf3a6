#include <daytona/file_system.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/file_listing.hpp"
#include "client/sandbox_core.hpp"
#include "client/toolbox_call.hpp"
#include "model/files.hpp"
#include "protocol/arguments.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0 {

namespace {

using detail::api_request;
using detail::get_from_toolbox;
using detail::list_files_operation;
using protocol::request_target;
template <class T>
using awaitable = boost::asio::awaitable<T>;
using sandbox_pointer = std::shared_ptr<detail::sandbox_core>;

constexpr std::string_view file_info_operation = "get file info";
constexpr std::string_view file_exists_operation = "look for file";
constexpr std::string_view file_folder_operation = "create folder";
constexpr std::string_view file_delete_operation = "delete file";
constexpr std::string_view file_move_operation = "move files";
constexpr std::string_view file_permissions_operation = "set file permissions";
constexpr std::string_view file_find_operation = "find in files";
constexpr std::string_view file_search_operation = "search files";
constexpr std::string_view file_replace_operation = "replace in files";

std::string info_path(std::string_view path, std::string_view operation) {
  protocol::check_file_text(path, "path", operation);
  request_target target{"/files/info"};
  return std::move(target.query("path", path)).text();
}

/// Of `find` and `search`.
std::string pattern_path(std::string_view route, std::string_view path, std::string_view pattern,
                         std::string_view operation) {
  protocol::check_file_text(path, "path", operation);
  protocol::check_file_text(pattern, "pattern", operation);
  request_target target{route};
  return std::move(target.query("path", path).query("pattern", pattern)).text();
}

api_request file_change(std::string_view verb, request_target target, std::string_view operation, bool is_idempotent) {
  api_request request{verb, std::move(target).text(), operation};
  request.idempotent = is_idempotent;
  return request;
}

awaitable<bool> look_for(sandbox_pointer sandbox, std::string path) {
  try {
    co_await get_from_toolbox<file_info>(std::move(sandbox), std::move(path), file_exists_operation);
    co_return true;
  } catch (const not_found_error& e) {
    if (e.code() == errc::sandbox_gone) throw;
  }
  co_return false;
}

/// Servers that can't remove the source say so in an answer of success.
awaitable<void> move_file(sandbox_pointer sandbox, api_request request) {
  const auto limit = detail::usual_timeout(*sandbox);
  const auto answer = co_await detail::perform_in_sandbox(sandbox, request, limit);
  model::move_answer said;
  const bool is_told = !model::read_json(answer.body, said) && said.error;
  if (!is_told) co_return;
  error_details details;
  details.operation = file_move_operation;
  details.sandbox_id = sandbox->id;
  details.server_message = *said.error;
  details.answered = true;
  details.request_sent = true;
  const auto text = fmt::format("{}it was copied, but is still at its source too: {}; delete one of them",
                                protocol::message_prefix(file_move_operation), protocol::presentable(*said.error));
  protocol::throw_error(errc::file_access_denied, text, std::move(details));
}

}  // namespace

file_system::file_system(std::shared_ptr<detail::sandbox_core> core) : core_(std::move(core)) {}

awaitable<std::vector<file_info>> file_system::list_files(std::string_view path, list_files_options options) const {
  protocol::check_file_text(path, "path", list_files_operation);
  protocol::check_argument(options.depth >= 1, list_files_operation, "depth must be at least 1");
  return detail::as_call(detail::list_levels(core_, std::string(path), options.depth), list_files_operation);
}

awaitable<file_info> file_system::get_file_info(std::string_view path) const {
  return get_from_toolbox<file_info>(core_, info_path(path, file_info_operation), file_info_operation);
}

awaitable<bool> file_system::exists(std::string_view path) const {
  return look_for(core_, info_path(path, file_exists_operation));
}

awaitable<void> file_system::create_folder(std::string_view path, std::string_view mode) const {
  protocol::check_file_text(path, "path", file_folder_operation);
  protocol::check_file_mode(mode, file_folder_operation);
  request_target target{"/files/folder"};
  target.query("path", path).query("mode", mode);
  return detail::tell_toolbox(core_, file_change("POST", std::move(target), file_folder_operation, true));
}

awaitable<void> file_system::delete_file(std::string_view path, delete_file_options options) const {
  protocol::check_file_text(path, "path", file_delete_operation);
  request_target target{"/files"};
  target.query("path", path);
  if (options.recursive) target.query("recursive", true);
  return detail::tell_toolbox(core_, file_change("DELETE", std::move(target), file_delete_operation, false));
}

awaitable<void> file_system::move_files(std::string_view source, std::string_view destination) const {
  protocol::check_file_text(source, "source", file_move_operation);
  protocol::check_file_text(destination, "destination", file_move_operation);
  request_target target{"/files/move"};
  target.query("source", source).query("destination", destination);
  return move_file(core_, file_change("POST", std::move(target), file_move_operation, false));
}

awaitable<void> file_system::set_file_permissions(std::string_view path, set_file_permissions_options options) const {
  protocol::check_file_text(path, "path", file_permissions_operation);
  request_target target{"/files/permissions"};
  target.query("path", path);
  if (!options.mode.empty()) {
    protocol::check_file_mode(options.mode, file_permissions_operation);
    target.query("mode", options.mode);
  }
  for (const auto& [name, value] : {std::pair("owner", &options.owner), std::pair("group", &options.group)}) {
    if (value->empty()) continue;
    protocol::check_file_text(*value, name, file_permissions_operation);
    target.query(name, *value);
  }
  return detail::tell_toolbox(core_, file_change("POST", std::move(target), file_permissions_operation, true));
}

awaitable<std::vector<match>> file_system::find_files(std::string_view path, std::string_view pattern) const {
  auto target = pattern_path("/files/find", path, pattern, file_find_operation);
  return get_from_toolbox<std::vector<match>>(core_, std::move(target), file_find_operation);
}

awaitable<search_files_response> file_system::search_files(std::string_view path, std::string_view pattern) const {
  auto target = pattern_path("/files/search", path, pattern, file_search_operation);
  return get_from_toolbox<search_files_response>(core_, std::move(target), file_search_operation);
}

awaitable<std::vector<replace_result>> file_system::replace_in_files(std::vector<std::string> files,
                                                                     std::string_view pattern,
                                                                     std::string_view new_value) const {
  for (const auto& file : files) {
    protocol::check_file_text(file, "each of files", file_replace_operation);
    protocol::check_text(file, file_replace_operation, "each of files");
  }
  protocol::check_argument(!pattern.empty(), file_replace_operation, "pattern must not be empty");
  protocol::check_text(pattern, file_replace_operation, "pattern");
  protocol::check_text(new_value, file_replace_operation, "new_value");
  api_request request{"POST", "/files/replace", file_replace_operation};
  model::replace_request body{std::move(files), std::string(pattern), std::string(new_value)};
  request.body = model::to_json(body);
  const auto limit = detail::usual_timeout(*core_);
  return detail::call_toolbox<std::vector<replace_result>>(core_, std::move(request), limit);
}

}  // namespace daytona::inline v0
