#include "local/http/target.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace daytona::local::http;

TEST_CASE("percent escapes are decoded, and a broken one is told") {
  CHECK(percent_decoded("a%2Fb%3a%20") == "a/b: ");
  CHECK(percent_decoded("100%25") == "100%");
  CHECK_FALSE(percent_decoded("100%"));
  CHECK_FALSE(percent_decoded("%4"));
  CHECK_FALSE(percent_decoded("%zz"));
}

TEST_CASE("a path is split before its escapes are decoded, and empty segments vanish") {
  CHECK(path_segments("/sandbox/a%2Fb/start") == std::vector<std::string_view>{"sandbox", "a%2Fb", "start"});
  CHECK(path_segments("//sandbox//x/") == std::vector<std::string_view>{"sandbox", "x"});
  CHECK(path_segments("/").empty());
}

TEST_CASE("a query with raw quotes and braces is read as it is meant") {
  const query parsed{R"(labels={"a":"b"}&limit=5)"};

  CHECK(parsed.find("labels") == R"({"a":"b"})");
  CHECK(parsed.find("limit") == "5");
  CHECK_FALSE(parsed.find("cursor"));
}

TEST_CASE("a plus is a blank, and the first of repeated names counts") {
  const query parsed{"q=a+b%2Bc&q=second&empty=&flag"};

  CHECK(parsed.find("q") == "a b+c");
  CHECK(parsed.find("empty") == "");
  CHECK(parsed.find("flag") == "");
}

TEST_CASE("an array arrives as repeated names, with or without brackets") {
  const query parsed{"states=started&states%5B%5D=stopped&states[]=error"};

  CHECK(parsed.all("states") == std::vector<std::string_view>{"started", "stopped", "error"});
}

TEST_CASE("a broken escape in a query is kept leniently and dropped strictly") {
  CHECK(query{"x=100%&y=1"}.find("x") == "100%");

  const query strict{"x=100%&y=1&z=a;b", query_rules::strict};
  CHECK_FALSE(strict.find("x"));
  CHECK(strict.find("y") == "1");
  CHECK_FALSE(strict.find("z"));
}
