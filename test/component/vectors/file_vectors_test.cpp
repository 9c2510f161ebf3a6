// What the client asks and is told of files, against recorded exchanges.
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "../../support/recorded.hpp"
#include "kit/client_fixture.hpp"
#include "protocol/url.hpp"

namespace json = boost::json;
using namespace daytona;
using namespace daytona::test;
using namespace std::string_literals;
using asio::awaitable;

namespace {

const auto toolbox_target = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59"s;
const auto move_route = "POST /files/move"s, list_route = "GET /files"s, replace_route = "POST /files/replace"s;

/// A recorded request, as far as a caller of the client says it.
struct question {
  std::string route, target, body;
  std::map<std::string, std::string> query;
};

std::string of(const question& asked, const std::string& name) {
  const auto found = asked.query.find(name);
  return found == asked.query.end() ? "" : found->second;
}

question question_of(const json::value& request) {
  question asked;
  const auto path = recorded::text_of(request.at("path"));
  asked.route = recorded::text_of(request.at("method")) + " " + path;
  asked.body = recorded::body_of(request).value_or("");
  protocol::request_target target{toolbox_target + path};
  if (const auto* query = request.as_object().if_contains("query")) {
    for (const auto& each : query->as_object()) {
      asked.query[std::string(each.key())] = recorded::text_of(each.value());
      target.query(each.key(), recorded::text_of(each.value()));
    }
  }
  asked.target = std::move(target).text();
  return asked;
}

json::value shown(const file_info& info) {
  json::object all{
      {"name", info.name},        {"size", info.size},    {"mode", info.mode},   {"owner", info.owner},
      {"modTime", info.mod_time}, {"isDir", info.is_dir}, {"group", info.group}, {"permissions", info.permissions}};
  if (info.modified_at) all["modifiedAt"] = *info.modified_at;
  if (info.path) all["path"] = *info.path;
  return all;
}

json::value shown(const match& found) {
  return json::object{{"file", found.file}, {"line", found.line}, {"content", found.content}};
}

json::value shown(const replace_result& result) {
  json::object all{{"file", result.file}, {"success", result.success}};
  if (result.error) all["error"] = *result.error;
  return all;
}

template <class T>
json::array shown_all(const std::vector<T>& all) {
  json::array list;
  for (const auto& each : all) list.push_back(shown(each));
  return list;
}

/// As the wire has it.
template <class T>
awaitable<json::value> shown_later(awaitable<std::vector<T>> call) {
  const auto all = co_await std::move(call);
  json::value told = shown_all(all);
  co_return told;
}

awaitable<json::value> nothing(awaitable<void> call) {
  co_await std::move(call);
  co_return json::value();
}

awaitable<json::value> names(awaitable<search_files_response> call) {
  const auto found = co_await std::move(call);
  json::value all;
  auto& list = all.emplace_object()["files"].emplace_array();
  for (const auto& each : found.files) list.emplace_back(each);
  co_return all;
}

awaitable<json::value> about(awaitable<file_info> call) {
  const auto info = co_await std::move(call);
  co_return shown(info);
}

awaitable<json::value> replace(file_system files, const json::value& body) {
  std::vector<std::string> paths;
  for (const auto& each : body.at("files").as_array()) paths.push_back(recorded::text_of(each));
  return shown_later(
      files.replace_in_files(paths, recorded::text_of(body.at("pattern")), recorded::text_of(body.at("newValue"))));
}

/// Asks the same; tells what it was told.
awaitable<json::value> ask(file_system files, const question& asked) {
  const auto path = of(asked, "path"), pattern = of(asked, "pattern");
  if (asked.route == list_route) return shown_later(files.list_files(path));
  if (asked.route == "GET /files/info") return about(files.get_file_info(path));
  if (asked.route == "GET /files/find") return shown_later(files.find_files(path, pattern));
  if (asked.route == "GET /files/search") return names(files.search_files(path, pattern));
  if (asked.route == replace_route) return replace(files, json::parse(asked.body));
  if (asked.route == move_route) return nothing(files.move_files(of(asked, "source"), of(asked, "destination")));
  if (asked.route == "POST /files/folder") return nothing(files.create_folder(path, of(asked, "mode")));
  if (asked.route == "DELETE /files") {
    delete_file_options options;
    options.recursive = of(asked, "recursive") == "true";
    return nothing(files.delete_file(path, options));
  }
  set_file_permissions_options options;
  options.mode = of(asked, "mode");
  options.owner = of(asked, "owner");
  options.group = of(asked, "group");
  return nothing(files.set_file_permissions(path, options));
}

bool is_complete_replacement(const question& asked) {
  boost::system::error_code error;
  const auto body = json::parse(asked.body, error);
  if (error || !body.is_object()) return false;
  const auto* value = body.as_object().if_contains("newValue");
  return body.as_object().contains("files") && value && value->is_string();
}

/// Whether a caller can say so.
bool is_sayable(const json::value& row, const question& asked) {
  static const std::vector<std::string> routes{list_route,           "GET /files/info", "GET /files/find",
                                               "GET /files/search",  replace_route,     move_route,
                                               "POST /files/folder", "DELETE /files",   "POST /files/permissions"};
  if (std::find(routes.begin(), routes.end(), asked.route) == routes.end()) return false;
  if (row.at("request").as_object().contains("raw_query") || asked.query.contains("depth")) return false;
  if (asked.route == replace_route) return is_complete_replacement(asked);
  if (asked.route == list_route && !asked.query.contains("path")) return false;
  if (asked.route == "POST /files/folder" && !asked.query.contains("mode")) return false;
  const auto recursive = of(asked, "recursive");
  return recursive.empty() || recursive == "true";
}

/// The recorded answer of a move that left its source where it was is one of success.
bool is_half_moved(const question& asked, const std::string& body) {
  return asked.route == move_route && body.find("\"error\"") != std::string::npos;
}

bool is_refused(file_system files, const question& asked) {
  try {
    static_cast<void>(ask(files, asked));
  } catch (const bad_request_error& refused) {
    return refused.code() == errc::invalid_argument;
  }
  return false;
}

}  // namespace

TEST_CASE("questions about files are asked as they were recorded, and recorded answers are read as they are") {
  std::size_t count = 0, refusals = 0;
  for (const auto& row : recorded::rows("toolbox/files.jsonl")) {
    if (recorded::text_of(row.at("kind")) != "http") continue;
    const auto asked = question_of(row.at("request"));
    if (!is_sayable(row, asked)) continue;
    CAPTURE(recorded::name_of(row));
    const auto status = static_cast<unsigned>(*recorded::status_of(row.at("response")));
    const auto body = recorded::body_of(row.at("response"));
    if (!body) continue;  // too long to be kept
    client_fixture fixture;
    fixture.script().forgiving = true;
    fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
    const auto files = fixture.sandbox().fs();
    if (is_refused(files, asked)) {
      CHECK(status == 400);
      ++refusals;
      continue;
    }
    ++count;
    const auto line = asked.route.substr(0, asked.route.find(' ') + 1) + asked.target + " HTTP/1.1";
    fixture.script().reply(line, status, *body);

    const auto end = fixture.run(ask(files, asked));

    if (asked.route == replace_route) CHECK(fixture.script().requests.front().ends_with(asked.body));
    CHECK(end.failed() == (status >= 400 || is_half_moved(asked, *body)));
    if (end.failed() && status >= 400) CHECK(end.error().http_status() == status);
    if (!end.failed() && !end.value().is_null()) CHECK(end.value() == json::parse(*body));
  }
  CHECK(count > 90);
  CHECK(refusals > 10);
}

TEST_CASE("a recorded server that passes over the depth is asked folder by folder") {
  const auto rows = recorded::rows("toolbox/files.jsonl");
  for (const auto& row : rows) {
    if (recorded::name_of(row) != "files.list depth ignored") continue;
    const auto asked = question_of(row.at("request"));
    const auto root = of(asked, "path");
    client_fixture fixture;
    fixture.script().reply("GET " + asked.target + " HTTP/1.1", 200, *recorded::body_of(row.at("response")));
    protocol::request_target below{toolbox_target + "/files"};
    below.query("path", root + "/q");
    fixture.script().reply("GET " + below.text() + " HTTP/1.1", 200, "[]");
    list_files_options options;
    options.depth = 3;

    const auto all = fixture.run(fixture.sandbox().fs().list_files(root, options)).value();

    REQUIRE(all.size() == 1);
    CHECK(all.front().path == root + "/q");
    return;
  }
  FAIL("there is no such row");
}
