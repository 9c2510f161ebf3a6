#include "local/toolbox/files/file_service.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/http/body_share.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/files/bulk_download.hpp"
#include "local/toolbox/files/downloads.hpp"
#include "local/toolbox/files/file_changes.hpp"
#include "local/toolbox/files/file_details.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/folder_walk.hpp"
#include "local/toolbox/files/paths.hpp"
#include "local/toolbox/files/query_parameters.hpp"
#include "local/toolbox/files/replaced_file.hpp"
#include "local/toolbox/files/text_replacement.hpp"
#include "local/toolbox/files/text_search.hpp"
#include "local/toolbox/files/tree_changes.hpp"
#include "local/toolbox/files/turns.hpp"
#include "local/toolbox/files/uploads.hpp"
#include "local/toolbox/piecewise_answer.hpp"
#include "local/toolbox/request_fields.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::size_t request_limit = 64 * 1024 * 1024;
constexpr std::string_view default_folder_mode = "0755";

mode_t mode_of(std::string_view text) {
  const auto mode = parse_mode(text);
  if (!mode) throw http_error{400, "bad request: mode must be octal digits, as 0755: " + std::string{text}};
  return *mode;
}

std::size_t depth_of(const std::string& text) {
  std::size_t depth = 1;
  if (text.empty()) return depth;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), depth);
  if (error != std::errc() || end != text.data() + text.size() || depth == 0)
    throw http_error{400, "bad request: depth must be a whole number from 1 on: " + text};
  return depth;
}

asio::awaitable<void> answer_empty(http::exchange& exchange, unsigned status) {
  http::response answer;
  answer.status = status;
  co_await exchange.respond(std::move(answer));
}

struct stat status_behind(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) throw_not_seen(path, errno);
  return status;
}

asio::awaitable<void> list_files(http::exchange& exchange) {
  const query_parameters given{exchange};
  std::string path = given.text("path");
  if (path.empty()) path = ".";
  const std::size_t depth = depth_of(given.text("depth"));
  if (!path.ends_with('/')) path += '/';
  folder_walk walk{path, depth};
  walk.next();  // the folder itself
  if (walk.root_error() != 0) throw_not_seen(path, walk.root_error());
  turns others{exchange};
  piecewise_answer answer{exchange, json_type};
  answer.text() += '[';
  bool is_first = true;
  while (const auto place = walk.next()) {
    if (others.is_over()) co_await others.end_turn();
    struct stat status{};
    if (::stat(place->path.c_str(), &status) != 0) continue;  // a link to nothing, or gone
    if (!std::exchange(is_first, false)) answer.text() += ',';
    model::json_writer out{answer.text()};
    write(out, details_of(place->path, status));
    co_await answer.pass_on();
  }
  answer.text() += ']';
  co_await answer.finish();
}

asio::awaitable<void> show_file(http::exchange& exchange) {
  const std::string path = query_parameters{exchange}.required("path");
  http::response answer{200, {}};
  model::json_writer out{answer.body};
  write(out, details_of(path, status_behind(path)));
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> create_folder(http::exchange& exchange) {
  const query_parameters given{exchange};
  const std::string path = given.required("path");
  const std::string mode = given.text("mode");
  std::string failed;
  const int error = make_folders(path, mode_of(mode.empty() ? default_folder_mode : mode), failed);
  if (error != 0) throw_not_done("mkdir", failed, error);
  co_await answer_empty(exchange, 201);
}

asio::awaitable<void> delete_file(http::exchange& exchange) {
  const query_parameters given{exchange};
  turns others{exchange};
  co_await remove_file(given.required("path"), given.text("recursive") == "true", others);
  co_await answer_empty(exchange, 204);
}

http::response half_moved(const std::string& why) {
  http::response answer{200, {}};
  model::json_writer out{answer.body};
  out.begin_object();
  out.member("error", std::string_view{"failed to delete source: " + why});
  out.member("message", "file copied successfully but source could not be deleted");
  out.end_object();
  return answer;
}

asio::awaitable<void> move(http::exchange& exchange) {
  const query_parameters given{exchange};
  const std::string source = given.required("source");
  const std::string destination = given.required("destination");
  turns others{exchange};
  const std::string left_over = co_await move_file(source, destination, others);
  if (left_over.empty()) {
    co_await answer_empty(exchange, 200);
    co_return;
  }
  http::response answer = half_moved(left_over);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> set_permissions(http::exchange& exchange) {
  const query_parameters given{exchange};
  permission_changes changes;
  const std::string path = given.required("path");
  const std::string mode = given.text("mode");
  if (!mode.empty()) changes.mode = mode_of(mode);
  changes.owner = given.text("owner");
  changes.group = given.text("group");
  change_permissions(path, changes);
  co_await answer_empty(exchange, 200);
}

asio::awaitable<void> find_in_files(http::exchange& exchange) {
  const query_parameters given{exchange};
  const std::string path = given.required("path");
  const std::string text = given.required("pattern");
  turns others{exchange};
  piecewise_answer answer{exchange, json_type};
  co_await find_text(answer, path, text, others);
  co_await answer.finish();
}

asio::awaitable<void> search_files(http::exchange& exchange) {
  const query_parameters given{exchange};
  const std::string path = given.required("path");
  const std::string pattern = given.required("pattern");
  turns others{exchange};
  piecewise_answer answer{exchange, json_type};
  answer.text() += "{\"files\":";
  co_await find_names(answer, path, pattern, others);
  answer.text() += '}';
  co_await answer.finish();
}

struct replacement {
  std::vector<std::string> files;
  std::string old;
  std::string text;
};

replacement parse_replacement(const std::string& body) {
  try {
    const request_fields fields{body};
    replacement wanted{fields.texts("files"), fields.text("pattern"), fields.text("newValue")};
    if (!fields.has("files")) throw std::invalid_argument{"files is required"};
    if (!fields.has("newValue")) throw std::invalid_argument{"newValue is required"};
    if (wanted.old.empty()) throw std::invalid_argument{"pattern is required"};
    return wanted;
  } catch (const std::invalid_argument& refused) {
    throw http_error{400, std::string{"invalid request body: "} + refused.what(), "INVALID_REQUEST_BODY"};
  }
}

/// Why it could not be done; empty if it was.
asio::awaitable<std::string> try_to_replace(std::string path, const replacement& wanted, turns& others) {
  std::string why;
  try {
    if (path.find('\0') != std::string::npos) throw std::runtime_error{"open: a path has no NUL"};
    co_await replace_in_file(path, wanted.old, wanted.text, others);
  } catch (const file_trouble& trouble) {
    why = trouble.what();
  }
  co_return why;
}

asio::awaitable<void> replace_in_files(http::exchange& exchange, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, request_limit);
  const replacement wanted = parse_replacement(body);
  turns others{exchange};
  piecewise_answer answer{exchange, json_type};
  answer.text() += '[';
  for (const std::string& file : wanted.files) {
    if (&file != &wanted.files.front()) answer.text() += ',';
    const std::string why = co_await try_to_replace(file, wanted, others);
    model::json_writer out{answer.text()};
    out.begin_object();
    out.member("file", std::string_view{file});
    out.member("success", why.empty());
    if (!why.empty()) out.member("error", std::string_view{why});
    out.end_object();
    co_await answer.pass_on();
  }
  answer.text() += ']';
  co_await answer.finish();
}

std::vector<std::string> parse_paths(const std::string& body) {
  std::vector<std::string> paths;
  try {
    paths = request_fields{body}.texts("paths");
  } catch (const std::invalid_argument&) {  // the same as none
  }
  if (paths.empty()) throw http_error{400, R"(request body must be {"paths": [ ... ]} and non-empty)"};
  return paths;
}

asio::awaitable<void> bulk_download(http::exchange& exchange, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, request_limit);
  auto paths = parse_paths(body);
  co_await download_files(exchange, std::move(paths));
}

using plain_handler = asio::awaitable<void> (*)(http::exchange&);
void add(http::router& routes, std::string_view method, std::string_view path, plain_handler handler) {
  routes.add(method, path,
             [handler](http::exchange& exchange, const http::path_parameters&) { return handler(exchange); });
}

}  // namespace

void add_file_routes(http::router& routes, const http::budget_ptr& bodies) {
  add(routes, "GET", "/files", list_files);
  add(routes, "DELETE", "/files", delete_file);
  add(routes, "GET", "/files/info", show_file);
  add(routes, "POST", "/files/folder", create_folder);
  add(routes, "POST", "/files/move", move);
  add(routes, "POST", "/files/permissions", set_permissions);
  add(routes, "GET", "/files/find", find_in_files);
  add(routes, "GET", "/files/search", search_files);
  add(routes, "POST", "/files/upload", upload_form_file);
  add(routes, "POST", "/files/upload-v2", upload_file);
  add(routes, "GET", "/files/download", download_file);
  routes.add("POST", "/files/bulk-upload", [bodies](http::exchange& exchange, const http::path_parameters&) {
    return upload_files(exchange, bodies);
  });
  routes.add("POST", "/files/replace", [bodies](http::exchange& exchange, const http::path_parameters&) {
    return replace_in_files(exchange, bodies);
  });
  routes.add("POST", "/files/bulk-download", [bodies](http::exchange& exchange, const http::path_parameters&) {
    return bulk_download(exchange, bodies);
  });
}

}  // namespace daytona::local::toolbox
