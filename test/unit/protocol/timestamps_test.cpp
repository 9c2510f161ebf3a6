#include "protocol/timestamps.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace daytona::protocol;
using namespace std::chrono_literals;

TEST_CASE("a time is written as servers write theirs") {
  CHECK(format_timestamp(utc_time(0ms)) == "1970-01-01T00:00:00.000Z");
  CHECK(format_timestamp(utc_time(1772600767008ms)) == "2026-03-04T05:06:07.008Z");
  CHECK(format_timestamp(utc_time(-1ms)) == "1969-12-31T23:59:59.999Z");
  CHECK(format_timestamp(utc_time(1709164800000ms)) == "2024-02-29T00:00:00.000Z");
}

TEST_CASE("every form that servers and SDKs write is read as the same time") {
  const auto expected = utc_time(1772600767008ms);
  for (const std::string text :
       {"2026-03-04T05:06:07.008Z", "2026-03-04T05:06:07.008", "2026-03-04T05:06:07.008000+0000",
        "2026-03-04T06:36:07.008+01:30", "2026-03-04T01:36:07.008123456-0330", "2026-03-04t05:06:07.008z",
        "2026-03-04 05:06:07.008Z"}) {
    CAPTURE(text);
    CHECK(parse_timestamp(text) == expected);
  }
}

TEST_CASE("what is no time is refused") {
  for (const std::string text :
       {"", "2026", "2026-03-04", "2026-13-04T05:06:07Z", "2026-02-30T05:06:07Z", "2026-03-04T24:06:07Z",
        "2026-03-04T05:60:07Z", "2026-03-04T05:06:07.Z", "2026-03-04T05:06:07Zx", "2026-03-04T05:06:07+1",
        "2026-03-04T05:06:07+25:00", "now", "20260304T050607Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text).has_value());
  }
}

TEST_CASE("written times are read back") {
  for (std::int64_t ms = -86'400'000'123; ms < 4'000'000'000'000; ms += 123'456'789'123)
    CHECK(parse_timestamp(format_timestamp(utc_time(std::chrono::milliseconds(ms)))) ==
          utc_time(std::chrono::milliseconds(ms)));
}

TEST_CASE("an HTTP date is read, and nothing else is one") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == std::chrono::sys_seconds(784111777s));
  for (const std::string text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
                                 "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT", "120"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text).has_value());
  }
}
