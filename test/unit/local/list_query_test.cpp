#include "local/control/list_query.hpp"

#include <doctest/doctest.h>

#include <list>
#include <set>
#include <string>

#include "local/http/http_error.hpp"

using namespace daytona::local;
using daytona::local::http::http_error;

namespace {

/// Sandboxes to list; they stay where they are.
struct shelf {
  std::list<daytona::model::sandbox_data> owned;
  sandbox_list all;

  daytona::model::sandbox_data& add(std::string name) {
    auto& sandbox = owned.emplace_back();
    sandbox.id = "id-" + name;
    sandbox.name = std::move(name);
    sandbox.state = "started";
    sandbox.snapshot = "default";
    sandbox.target = "us";
    sandbox.cpu = 1;
    sandbox.created_at = "2026-01-01T00:00:00.000Z";
    sandbox.last_activity_at = sandbox.created_at;
    all.push_back(&sandbox);
    return sandbox;
  }
};

std::string names(const sandbox_list& list) {
  std::string text;
  for (const auto* sandbox : list) text += (text.empty() ? "" : " ") + sandbox->name;
  return text;
}

list_query cursor_query(std::string_view raw) { return read_cursor_query(http::query{raw}); }

std::string refused_query(std::string_view raw) {
  try {
    cursor_query(raw);
  } catch (const http_error& error) {
    CHECK(error.status() == 400);
    return error.message();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("each filter of the list keeps what it asks for") {
  shelf sandboxes;
  auto& alpha = sandboxes.add("alpha");
  alpha.labels = {{"team", "infra"}, {"tier", "1"}};
  alpha.cpu = 4;
  auto& beta = sandboxes.add("beta");
  beta.labels = {{"team", "web"}};
  beta.state = "stopped";
  beta.is_public = true;
  beta.last_activity_at = "2026-02-01T00:00:00.000Z";
  const auto found = [&](std::string_view raw) { return names(matching(cursor_query(raw), sandboxes.all)); };

  CHECK(found("sort=name&order=asc") == "alpha beta");
  CHECK(found("name=AL") == "alpha");
  CHECK(found("name=lpha") == "");
  CHECK(found("id=id-b") == "beta");
  CHECK(found(R"(labels={"team":"infra"})") == "alpha");
  CHECK(found("labels=%7B%22team%22%3A%20%22web%22%7D") == "beta");
  CHECK(found("labels=null&name=beta") == "beta");
  CHECK(found("states=stopped") == "beta");
  CHECK(found("states=stopped&states=started&sort=name") == "beta alpha");
  CHECK(found("minCpu=2") == "alpha");
  CHECK(found("maxCpu=3") == "beta");
  CHECK(found("isPublic=true") == "beta");
  CHECK(found("isPublic=false") == "alpha");
  CHECK(found("lastEventAfter=2026-01-15T00:00:00.000000%2B0000") == "beta");
  CHECK(found("lastEventBefore=2026-01-15T00:00:00.000Z") == "alpha");
  CHECK(found("snapshots=other") == "");
  CHECK(found("regionIds=us&minCpu=4") == "alpha");
}

TEST_CASE("the page list finds names by any part") {
  shelf sandboxes;
  sandboxes.add("alpha");
  sandboxes.add("beta");

  CHECK(names(matching(read_page_query(http::query{"name=LPH"}), sandboxes.all)) == "alpha");
}

TEST_CASE("pages follow each other without a gap or a repetition, though all sort keys are equal") {
  shelf sandboxes;
  for (int n = 0; n < 25; ++n) sandboxes.add("box-" + std::to_string(n));
  std::multiset<std::string> seen;
  std::string cursor;

  for (int page = 0; page < 10; ++page) {
    const auto got = page_behind_cursor(cursor_query("limit=10&cursor=" + cursor), sandboxes.all);
    for (const auto* sandbox : got.items) seen.insert(sandbox->name);
    cursor = got.next_cursor;
    if (cursor.empty()) break;
  }

  CHECK(cursor.empty());
  CHECK(seen.size() == 25);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 25);
}

TEST_CASE("a sandbox removed between two pages hides no other") {
  shelf sandboxes;
  for (const char* name : {"a", "b", "c", "d"}) sandboxes.add(name);
  const auto first = page_behind_cursor(cursor_query("limit=2&sort=name&order=asc"), sandboxes.all);
  REQUIRE(names(first.items) == "a b");

  std::erase_if(sandboxes.all, [](const auto* sandbox) { return sandbox->name == "b"; });
  const auto second =
      page_behind_cursor(cursor_query("limit=2&sort=name&order=asc&cursor=" + first.next_cursor), sandboxes.all);

  CHECK(names(second.items) == "c d");
  CHECK(second.next_cursor.empty());
}

TEST_CASE("a cursor that is not ours, or of another order, is refused") {
  shelf sandboxes;
  for (const char* name : {"a", "b"}) sandboxes.add(name);
  const auto first = page_behind_cursor(cursor_query("limit=1&sort=name"), sandboxes.all);

  CHECK_THROWS_AS(page_behind_cursor(cursor_query("cursor=nonsense"), sandboxes.all), http_error);
  CHECK_THROWS_AS(page_behind_cursor(cursor_query("sort=cpu&cursor=" + first.next_cursor), sandboxes.all), http_error);
}

TEST_CASE("a list query is refused with every violated constraint") {
  CHECK(refused_query("limit=0") == "limit must not be less than 1");
  CHECK(refused_query("limit=201") == "limit must not be greater than 200");
  CHECK(refused_query("limit=x") == "limit must be a number conforming to the specified constraints");
  CHECK(refused_query("labels=%7B") == "Invalid labels JSON format");
  CHECK(refused_query("states=destroyed").starts_with("each value in states must be one of the following values: "));
  CHECK(refused_query("sort=age").starts_with("sort must be one of the following values: name, cpu"));
  CHECK(refused_query("order=up&isPublic=maybe") ==
        "order must be one of the following values: asc, desc, isPublic must be a boolean value");
  CHECK(refused_query("createdAtAfter=yesterday") == "createdAtAfter must be a valid ISO 8601 date string");
}
