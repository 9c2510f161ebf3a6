#include "protocol/list_query.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../../support/recorded.hpp"
#include "protocol/timestamps.hpp"

using namespace daytona;
using namespace daytona::protocol;

namespace {

using query_case = std::pair<std::string, std::function<void(list_sandboxes_query&)>>;
using pairs = std::vector<std::pair<std::string, std::string>>;

utc_time at(const char* text) { return parse_timestamp(text).value(); }

const std::vector<query_case>& cases() {
  using query = list_sandboxes_query;
  static const std::vector<query_case> all = {
      {"list.no query", [](query&) {}},
      {"list.pages of 2", [](query& q) { q.limit = 2; }},
      {"list.id=\"0000\"", [](query& q) { q.id = "0000"; }},
      {"list.name=\"b\"", [](query& q) { q.name = "b"; }},
      {"list.labels={\"n\": \"1\"}", [](query& q) { q.labels = {{"n", "1"}}; }},
      {"list.labels={\"ключ\": \"зна чение\", \"q\\\"\": \"a&b=c+d/%\"}",
       [](query& q) { q.labels = {{"ключ", "зна чение"}, {"q\"", "a&b=c+d/%"}}; }},
      {"list.states=[SandboxState.STARTED, SandboxState.STOPPED]",
       [](query& q) { q.states = {sandbox_state::started, sandbox_state::stopped}; }},
      {"list.snapshots=[\"default\", \"org/x:1\"]", [](query& q) { q.snapshots = {"default", "org/x:1"}; }},
      {"list.targets=[\"us\", \"eu\"]", [](query& q) { q.targets = {"us", "eu"}; }},
      {"list.min_cpu=1", [](query& q) { q.min_cpu = 1; }},
      {"list.max_disk_gib=100", [](query& q) { q.max_disk_gib = 100; }},
      {"list.is_public=False", [](query& q) { q.is_public = false; }},
      {"list.is_recoverable=True", [](query& q) { q.is_recoverable = true; }},
      {"list.created_at_after=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)",
       [](query& q) { q.created_at_after = at("2026-01-02T03:04:05Z"); }},
      {"list.sort=SandboxListSortField.NAME", [](query& q) { q.sort = sandbox_sort::name; }},
      {"list.sort=SandboxListSortField.CPU", [](query& q) { q.sort = sandbox_sort::cpu; }},
      {"list.sort=SandboxListSortField.MEMORYGIB", [](query& q) { q.sort = sandbox_sort::memory_gib; }},
      {"list.sort=SandboxListSortField.DISKGIB", [](query& q) { q.sort = sandbox_sort::disk_gib; }},
      {"list.sort=SandboxListSortField.LASTACTIVITYAT", [](query& q) { q.sort = sandbox_sort::last_activity_at; }},
      {"list.sort=SandboxListSortField.CREATEDAT", [](query& q) { q.sort = sandbox_sort::created_at; }},
      {"list.order=SandboxListSortDirection.ASC", [](query& q) { q.order = sort_order::asc; }},
      {"list.order=SandboxListSortDirection.DESC", [](query& q) { q.order = sort_order::desc; }},
      {"list.everything",
       [](query& q) {
         q.limit = 3;
         q.id = "0";
         q.name = "b";
         q.labels = {{"n", "1"}, {"m", "2"}};
         q.states = {sandbox_state::started};
         q.snapshots = {"default"};
         q.targets = {"us"};
         q.min_cpu = 1;
         q.max_cpu = 2;
         q.min_memory_gib = 1;
         q.max_memory_gib = 2;
         q.min_disk_gib = 1;
         q.max_disk_gib = 2;
         q.is_public = true;
         q.is_recoverable = false;
         q.created_at_after = at("2026-01-01T00:00:00Z");
         q.created_at_before = at("2026-01-02T00:00:00Z");
         q.last_activity_after = at("2026-01-03T00:00:00Z");
         q.last_activity_before = at("2026-01-04T00:00:00Z");
         q.auto_destroy_at_after = at("2026-01-05T00:00:00Z");
         q.auto_destroy_at_before = at("2026-01-06T00:00:00Z");
         q.sort = sandbox_sort::name;
         q.order = sort_order::asc;
       }},
  };
  return all;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
    i += 2;
  }
  return out;
}

pairs decoded(std::string_view query) {
  pairs all;
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const auto equals = part.find('=');
    all.emplace_back(percent_decode(part.substr(0, equals)), percent_decode(part.substr(equals + 1)));
  }
  std::sort(all.begin(), all.end());
  return all;
}

bool same_value(const std::string& name, const std::string& mine, const std::string& theirs) {
  if (name == "labels") return boost::json::parse(mine) == boost::json::parse(theirs);
  const auto my_time = parse_timestamp(mine);
  if (my_time) return my_time == parse_timestamp(theirs);
  return mine == theirs;
}

std::string recorded_query(const std::string& name) {
  static const auto rows = recorded::rows("control/list.jsonl");
  for (const auto& row : rows) {
    if (recorded::name_of(row) != name || recorded::text_of(row.at("sdk")) != "python 0.226.1 sync") continue;
    const auto& request = row.at("exchanges").as_array().at(0).at("request").as_object();
    const auto* query = request.if_contains("raw_query");
    return query ? recorded::text_of(*query) : std::string();
  }
  FAIL("no such row: ", name);
  return {};
}

std::string query_of(const std::function<void(request_target&)>& add) {
  request_target target("/sandbox");
  add(target);
  const auto at = target.text().find('?');
  return at == std::string::npos ? std::string() : target.text().substr(at + 1);
}

}  // namespace

TEST_CASE("a list asks for what the official client asks for") {
  for (const auto& [name, prepare] : cases()) {
    CAPTURE(name);
    list_sandboxes_query query;
    prepare(query);

    const auto mine = decoded(query_of([&](request_target& target) { add_list_query(target, query, ""); }));

    const auto theirs = decoded(recorded_query(name));
    REQUIRE(mine.size() == theirs.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      CHECK(mine[i].first == theirs[i].first);
      CHECK(same_value(mine[i].first, mine[i].second, theirs[i].second));
    }
  }
}

TEST_CASE("a cursor is passed on as it came") {
  const auto query = query_of([](request_target& target) { add_list_query(target, list_sandboxes_query(), "a+/="); });

  CHECK(query == "cursor=a%2B%2F%3D");
}

TEST_CASE("a numbered page asks with page, limit and labels, as far as given") {
  CHECK(query_of([](request_target& target) { add_page_query(target, {}, {}, {}); }).empty());
  CHECK(query_of([](request_target& target) { add_page_query(target, {{"a", "b"}}, 2, 10); }) ==
        "page=2&limit=10&labels=%7B%22a%22%3A%22b%22%7D");
}
