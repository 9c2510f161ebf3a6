#include "protocol/retry_after.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

using namespace daytona::protocol;
using namespace std::chrono_literals;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
const std::chrono::system_clock::time_point today{std::chrono::seconds(784111777)};

std::optional<std::chrono::milliseconds> wait_for(const std::string& value) {
  return parse_retry_after({{"Content-Type", "text/plain"}, {"Retry-After", value}}, today);
}

}  // namespace

TEST_CASE("R10: seconds, whole and with a fraction") {
  CHECK(wait_for("0") == 0s);
  CHECK(wait_for("120") == 120s);
  CHECK(wait_for("0.5") == 500ms);
}

TEST_CASE("R10: an HTTP date counts from now, a past one is at once") {
  CHECK(wait_for("Sun, 06 Nov 1994 08:49:47 GMT") == 10s);
  CHECK(wait_for("Sun, 06 Nov 1994 08:49:27 GMT") == 0s);
}

TEST_CASE("R10: what can't be read is none") {
  for (const std::string value : {"", "soon", "-1", "1 s", "nan", "inf", "0x10", "Sun, 06 Nov 1994"}) {
    CAPTURE(value);
    CHECK_FALSE(wait_for(value).has_value());
  }
  CHECK_FALSE(parse_retry_after({}, today).has_value());
}

TEST_CASE("R10: a wish for years is cut to a day") {
  CHECK(wait_for("99999999999999999999") == 24h);
  CHECK(wait_for("Fri, 31 Dec 9999 23:59:59 GMT") == 24h);
}

TEST_CASE("R10: Daytona's own forms name a throttler; the plain one wins, else the longest") {
  CHECK(parse_retry_after({{"retry-after-sandbox-create", "9"}}, today) == 9s);
  CHECK(parse_retry_after({{"Retry-After-a", "3"}, {"Retry-After-b", "8"}, {"Retry-After-c", "soon"}}, today) == 8s);
  CHECK(parse_retry_after({{"Retry-After-a", "30"}, {"Retry-After", "2"}}, today) == 2s);
  CHECK_FALSE(parse_retry_after({{"Retry-Afterwards", "2"}}, today).has_value());
}
