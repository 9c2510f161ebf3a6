#include "local/control/faults.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "local/control/fault_body.hpp"
#include "local/http/http_error.hpp"

using namespace daytona::local;
using namespace std::chrono_literals;

namespace {

fault for_requests(std::string method, std::string path) {
  fault made;
  made.method = std::move(method);
  made.path = std::move(path);
  return made;
}

std::string refusal(const fault& wanted) {
  try {
    fault_list list;
    list.add(wanted);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal(std::string_view body) {
  try {
    read_fault(body);
  } catch (const daytona::local::http::http_error& error) {
    return error.message();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a path is matched by its decoded segments, a star for one and two for the rest") {
  CHECK(matches_path("/api/sandbox", "/api/sandbox"));
  CHECK(matches_path("/api/sandbox", "//api/sandbox/"));
  CHECK_FALSE(matches_path("/api/sandbox", "/api/sandbox/x"));
  CHECK(matches_path("/api/sandbox/*/start", "/api/sandbox/a%2Fb/start"));
  CHECK_FALSE(matches_path("/api/sandbox/*/start", "/api/sandbox/a/b/start"));
  CHECK(matches_path("/api/sandbox/a:b", "/api/sandbox/a%3Ab"));
  CHECK(matches_path("/toolbox/**", "/toolbox/x/process/execute"));
  CHECK(matches_path("/**", "/"));
  CHECK_FALSE(matches_path("/toolbox/**", "/api/config"));
}

TEST_CASE("a fault lets some requests pass, befalls as many as it was made for, and counts both") {
  fault_list list;
  auto wanted = for_requests("GET", "/a");
  wanted.skip = 1;
  wanted.count = 2;
  const auto id = list.add(wanted);

  CHECK_FALSE(list.befall("POST", "/a"));
  CHECK_FALSE(list.befall("GET", "/b"));
  CHECK_FALSE(list.befall("GET", "/a"));
  CHECK(list.befall("GET", "/a"));
  CHECK(list.befall("GET", "/a"));
  CHECK_FALSE(list.befall("GET", "/a"));

  REQUIRE(list.all().size() == 1);
  CHECK(list.all()[0].id == id);
  CHECK(list.all()[0].passed == 1);
  CHECK(list.all()[0].befallen == 2);
}

TEST_CASE("of several faults the first that is not used up befalls a request") {
  fault_list list;
  auto once = for_requests("", "/**");
  once.status = 503;
  auto always = for_requests("", "/**");
  always.status = 500;
  always.count = 0;
  const auto first = list.add(once);
  list.add(always);

  CHECK(list.befall("GET", "/")->status == 503u);
  CHECK(list.befall("GET", "/")->status == 500u);
  CHECK(list.befall("GET", "/")->status == 500u);
  CHECK(list.remove(first));
  CHECK_FALSE(list.remove(first));
  list.clear();
  CHECK_FALSE(list.befall("GET", "/"));
}

TEST_CASE("a fault that breaks a rule is refused by the member's name") {
  auto wrong = for_requests("", "api");
  CHECK(refusal(wrong) == "fault: path must begin with a slash");
  CHECK(refusal(for_requests("", "/**/start")).find("path may hold **") != std::string::npos);
  wrong = for_requests("", "/");
  wrong.status = 99;
  CHECK(refusal(wrong) == "fault: status must be from 200 to 599");
  wrong.status.reset();
  wrong.carry_out = true;
  CHECK(refusal(wrong).find("set status too") != std::string::npos);
  wrong = for_requests("", "/");
  wrong.delay = -1ms;
  CHECK(refusal(wrong) == "fault: delay must be from 0 to 24 hours");
  wrong.delay = std::chrono::milliseconds::max();
  CHECK(refusal(wrong) == "fault: delay must be from 0 to 24 hours");
  wrong = for_requests("", "/");
  wrong.end_sandbox_after = 25h;
  CHECK(refusal(wrong) == "fault: end_sandbox_after must be from 0 to 24 hours");
  wrong = for_requests("", "/");
  wrong.status = 429;
  wrong.headers.emplace_back("Retry-After", "1\r\nX: y");
  CHECK(refusal(wrong).find("headers") != std::string::npos);
}

TEST_CASE("a fault is read from JSON, and a misspelt or mistyped member is refused by name") {
  const auto read = read_fault(
      R"({"method":"POST","path":"/api/sandbox","skip":2,"count":0,"delayMs":5,"endSandboxAfterMs":0,"status":429,
          "carryOut":true,"headers":{"Retry-After":"1"},"body":"slow down","bytesPerSecond":100,"cutAfter":7})");

  CHECK(read.method == "POST");
  CHECK(read.path == "/api/sandbox");
  CHECK(read.skip == 2);
  CHECK(read.count == 0);
  CHECK(read.delay == 5ms);
  CHECK(read.end_sandbox_after == 0ms);
  CHECK(read.status == 429u);
  CHECK(read.carry_out);
  CHECK(read.headers.at(0) == std::pair<std::string, std::string>{"Retry-After", "1"});
  CHECK(read.body == "slow down");
  CHECK(read.bytes_per_second == 100);
  CHECK(read.cut_after == 7u);
  CHECK(read_fault("{}").count == 1);
  CHECK(refusal(R"({"delay":5})") == "property delay should not exist");
  CHECK(refusal(R"({"skip":-1,"status":"x"})") == "skip must not be less than 0, status must be an integer number");
}
