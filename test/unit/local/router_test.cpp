#include "local/http/router.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace daytona::local::http;

namespace {

const route_handler* handler_of(const router& table, std::string_view method, std::string_view path) {
  const auto match = table.find(method, path);
  return match ? match->handler : nullptr;
}

}  // namespace

TEST_CASE("segments are matched before they are decoded, and parameters after") {
  router table;
  table.add("GET", "/snapshots/{id}", nullptr);

  const auto match = table.find("GET", "/snapshots/registry%2Fimage%3A1");

  REQUIRE(match);
  CHECK(match->parameters == path_parameters{"registry/image:1"});
  CHECK_FALSE(table.find("GET", "/snapshots/registry/image"));
}

TEST_CASE("a literal segment wins over a parameter, in whichever order they were added") {
  router one;
  one.add("GET", "/sandbox/{id}", nullptr);
  one.add("GET", "/sandbox/paginated", nullptr);
  router other;
  other.add("GET", "/sandbox/paginated", nullptr);
  other.add("GET", "/sandbox/{id}", nullptr);

  for (const router* table : {&one, &other}) {
    CHECK(table->find("GET", "/sandbox/paginated")->parameters.empty());
    CHECK(table->find("GET", "/sandbox/x")->parameters == path_parameters{"x"});
    CHECK(handler_of(*table, "GET", "/sandbox/paginated") != handler_of(*table, "GET", "/sandbox/x"));
  }
}

TEST_CASE("an unknown path, method or broken escape finds nothing") {
  router table;
  table.add("GET", "/sandbox/{id}", nullptr);

  CHECK_FALSE(table.find("POST", "/sandbox/x"));
  CHECK_FALSE(table.find("GET", "/Sandbox/x"));
  CHECK_FALSE(table.find("GET", "/sandbox/%zz"));
  CHECK_FALSE(table.find("GET", "/sandbox/x/y"));
  CHECK(table.find("GET", "//sandbox//x/"));
}
