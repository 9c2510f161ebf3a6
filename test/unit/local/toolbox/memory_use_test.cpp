#include "local/toolbox/memory_use.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace daytona::local::toolbox {

namespace {

constexpr std::uint64_t gibibyte = 1ULL << 30U;

}  // namespace

TEST_CASE("a value in kilobytes is read by its whole name, and nothing else is") {
  constexpr std::string_view status =
      "Name:\tRssAnon: 7 kB\nRssAnonymous:\t 1 kB\nRssAnon:\t     120 kB\nRssShmem:\tmany\n";

  CHECK(kilobytes(status, "RssAnon") == 120 * 1024);
  CHECK(kilobytes(status, "RssShmem") == std::nullopt);
  CHECK(kilobytes(status, "RssFile") == std::nullopt);
  CHECK(kilobytes("", "RssAnon") == std::nullopt);
}

TEST_CASE("files in memory that processes map count once") {
  const memory_use use{{{1, 10, 5}, {2, 20, 5}}, 8};

  CHECK(use.total() == 40);
  CHECK(memory_use{{{1, 10, 5}}, 8}.total() == 18);
  CHECK(memory_use{}.total() == 0);
}

TEST_CASE("the largest process is the one that holds most, shared or not") {
  const memory_use use{{{1, 10, 5}, {2, 12, 2}, {3, 1, 30}}, 0};

  REQUIRE(use.largest() != nullptr);
  CHECK(use.largest()->process == 3);
  CHECK(memory_use{}.largest() == nullptr);
}

TEST_CASE("the nearer the limit, the sooner the next look") {
  CHECK(next_look(0, 8 * gibibyte) == 250ms);
  CHECK(next_look(gibibyte / 2, gibibyte) == 128ms);
  CHECK(next_look(gibibyte, gibibyte) == 20ms);
  CHECK(next_look(2 * gibibyte, gibibyte) == 20ms);
}

TEST_CASE("this process's own memory is measured, in both ways") {
  CHECK(count_at_most().total() > 0);
  CHECK(count_exactly().total() > 0);
  CHECK(name_of(1).find('\n') == std::string::npos);
}

}  // namespace daytona::local::toolbox
