#include "local/toolbox/request_fields.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

namespace daytona::local::toolbox {

TEST_CASE("names compare without case, the last of repeated ones counts, null is absent") {
  const request_fields fields{R"({"Command":"one","COMMAND":"two","cwd":null,"other":1})"};

  CHECK(fields.text("command") == "two");
  CHECK(fields.text("cwd").empty());
  CHECK(fields.text("envs").empty());
}

TEST_CASE("only the first value of a body is read, and null is an empty object") {
  CHECK(request_fields{R"({"command":"a"} {"command":"b"} x)"}.text("command") == "a");
  CHECK(request_fields{"null"}.text("command").empty());
}

TEST_CASE("what begins with no object is refused") {
  for (const char* text : {"", "{", "[]", "1", "\"x\"", "{\"a\":1,}", "{'a':1}", "\xEF\xBB\xBF{}", "\x1F\x8B"}) {
    INFO(text);
    CHECK_THROWS_AS(request_fields{text}, std::invalid_argument);
  }
}

TEST_CASE("T5: a command has the timeout that was asked for in whole seconds, and without one none") {
  const auto seconds = [](const char* number) {
    return request_fields{std::string{R"({"timeout":)"} + number + "}"}.seconds("timeout");
  };

  CHECK(seconds("5") == std::chrono::seconds{5});
  CHECK(seconds("4294967295") == std::chrono::seconds{4294967295});
  CHECK_FALSE(request_fields{R"({"command":"x"})"}.seconds("timeout"));
  CHECK_FALSE(seconds("0"));
  CHECK_FALSE(seconds("null"));
  for (const char* refused : {"-1", "1.5", "1.0", "1e0", "\"1\"", "4294967296", "99999999999999999999"}) {
    INFO(refused);
    CHECK_THROWS_AS(seconds(refused), std::invalid_argument);
  }
}

TEST_CASE("ill-formed text becomes U+FFFD") {
  CHECK(request_fields{"{\"command\":\"echo \xFF\"}"}.text("command") == "echo \xEF\xBF\xBD");
  CHECK(request_fields{R"({"command":"\ud800x\udc00"})"}.text("command") == "\xEF\xBF\xBDx\xEF\xBF\xBD");
  CHECK(request_fields{R"({"command":"\ud83d\ude00"})"}.text("command") == "\xF0\x9F\x98\x80");
  CHECK(request_fields{R"({"command":"\\ud800"})"}.text("command") == R"(\ud800)");
}

TEST_CASE("lists and maps hold strings only") {
  CHECK(request_fields{R"({"argv":["a","b"]})"}.texts("argv") == std::vector<std::string>{"a", "b"});
  CHECK(request_fields{R"({"envs":{"A":"1"}})"}.text_map("envs").at("A") == "1");
  CHECK_THROWS_AS(request_fields{R"({"argv":[1]})"}.texts("argv"), std::invalid_argument);
  CHECK_THROWS_AS(request_fields{R"({"argv":"a"})"}.texts("argv"), std::invalid_argument);
  CHECK_THROWS_AS(request_fields{R"({"envs":["A=1"]})"}.text_map("envs"), std::invalid_argument);
  CHECK_THROWS_AS(request_fields{R"({"envs":{"A":1}})"}.text_map("envs"), std::invalid_argument);
}

}  // namespace daytona::local::toolbox
