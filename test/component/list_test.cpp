#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

constexpr auto numbered_line = "GET /api/sandbox/paginated";

/// A page of the cursor list with these sandboxes.
std::string page_of(const std::vector<std::string>& ids, std::string_view next) {
  std::string items;
  for (const auto& id : ids) items += fmt::format(R"({}{{"id":"{}","state":"started"}})", items.empty() ? "" : ",", id);
  return fmt::format(R"({{"items":[{}],"nextCursor":{}}})", items, next);
}

/// Five sandboxes on three pages, the last of them empty, of a server that has no numbered pages.
void serve_by_cursor(client_fixture& fixture) {
  fixture.script().reply(numbered_line, 404, R"({"message":"Cannot GET /api/sandbox/paginated"})");
  fixture.script().reply("GET /api/sandbox?labels=", 200, page_of({"a", "b", "c"}, R"("1")"));
  fixture.script().reply("GET /api/sandbox?cursor=1", 200, page_of({"d", "e"}, R"("2")"));
  fixture.script().reply("GET /api/sandbox?cursor=2", 200, page_of({}, "null"));
}

std::string ids_of(const paginated_sandboxes& page) {
  std::string ids;
  for (const auto& one : page.items) ids += one.id();
  return ids;
}

asio::awaitable<std::string> read_all(sandbox_list list) {
  std::string ids;
  while (auto one = co_await list.next()) ids += one->id();
  co_return ids;
}

}  // namespace

TEST_CASE("a numbered page has its items and what the server counted") {
  client_fixture fixture;
  fixture.script().reply(numbered_line, 200, R"({"items":[{"id":"c"},{"id":"d"}],"total":5,"page":2,"totalPages":3})");

  const auto page = fixture.run(fixture.client().list_page({}, 2, 2)).value();

  CHECK(ids_of(page) == "cd");
  CHECK(page.total == 5);
  CHECK(page.page == 2);
  CHECK(page.total_pages == 3);
}

TEST_CASE("of a server without numbered pages each is cut out of what its cursor gives, and all are counted") {
  struct row {
    std::int64_t page, limit;
    std::string ids;
    std::int64_t total_pages;
  };
  const std::vector<row> rows{{1, 2, "ab", 3}, {2, 2, "cd", 3}, {3, 2, "e", 3}, {4, 2, "", 3}, {1, 5, "abcde", 1}};
  for (const auto& [number, limit, ids, total_pages] : rows) {
    CAPTURE(number);
    CAPTURE(limit);
    client_fixture fixture;
    serve_by_cursor(fixture);
    const std::map<std::string, std::string> labels{{"mark", "x"}};

    const auto page = fixture.run(fixture.client().list_page(labels, number, limit)).value();

    CHECK(ids_of(page) == ids);
    CHECK(page.total == 5);
    CHECK(page.page == number);
    CHECK(page.total_pages == total_pages);
  }
}

TEST_CASE("a list goes on from cursor to cursor, over empty pages too, and asks for nothing before it is read") {
  client_fixture fixture;
  auto list = fixture.client().list();
  CHECK(fixture.script().requests.empty());
  fixture.script().reply("GET /api/sandbox HTTP/1.1", 200, page_of({"a"}, R"("1")"));
  fixture.script().reply("GET /api/sandbox?cursor=1", 200, page_of({}, R"("2")"));
  fixture.script().reply("GET /api/sandbox?cursor=2", 200, page_of({"b"}, "null"));

  CHECK(fixture.run(read_all(list)).value() == "ab");
  CHECK_FALSE(fixture.run(list.next()).value().has_value());
}

TEST_CASE("S18: a cursor that stands still ends the list instead of going round for ever") {
  client_fixture fixture;
  fixture.script().reply("GET /api/sandbox HTTP/1.1", 200, page_of({"a"}, R"("1")"));
  fixture.script().reply("GET /api/sandbox?cursor=1", 200, page_of({"b"}, R"("1")"));

  CHECK(fixture.run(read_all(fixture.client().list())).value() == "ab");
}

TEST_CASE("a list that fails in the middle tells so, and goes on from there when it is asked again") {
  auto settings = client_fixture::default_config();
  settings.retry.max_attempts = 1;
  client_fixture fixture{settings};
  fixture.script().reply("GET /api/sandbox HTTP/1.1", 200, page_of({"a"}, R"("1")"));
  fixture.script().reply("GET /api/sandbox?cursor=1", 503, "{}");
  fixture.script().reply("GET /api/sandbox?cursor=1", 200, page_of({"b"}, "null"));
  auto list = fixture.client().list();

  CHECK(fixture.run(list.next()).value()->id() == "a");
  CHECK(fixture.run(list.next()).error().code() == errc::service_unavailable);
  CHECK(fixture.run(list.next()).value()->id() == "b");
}
