#include "local/isolation/helper_messages.hpp"

#include <doctest/doctest.h>

namespace daytona::local {

TEST_CASE("what the library asks arrives at the helper as it was") {
  sandbox_launch launch;
  launch.id = "one";
  launch.host_name = "box";
  launch.directory = "/data/one";
  launch.environment = {{"A", "1\n\""}, {"B", ""}};
  launch.memory_limit = 5ULL << 30U;
  launch.cpus = 0.5;

  const auto launched = decode_request(encode(helper_request{7, launch}));
  const auto stopped = decode_request(encode(helper_request{8, stop_request{"one", std::chrono::milliseconds{250}}}));
  const auto removed = decode_request(encode(helper_request{9, remove_request{"one", "/data/one"}}));
  const auto started = decode_request(
      encode(helper_request{1, start_request{"/data", "/tree", "auto", isolation_mode::userns, true, true}}));

  CHECK(launched.number == 7);
  CHECK(std::get<sandbox_launch>(launched.what).environment == launch.environment);
  CHECK(std::get<sandbox_launch>(launched.what).directory == "/data/one");
  CHECK(std::get<sandbox_launch>(launched.what).memory_limit == 5ULL << 30U);
  CHECK(std::get<sandbox_launch>(launched.what).cpus == 0.5);
  CHECK(std::get<stop_request>(stopped.what).grace == std::chrono::milliseconds{250});
  CHECK(std::get<remove_request>(removed.what).directory == "/data/one");
  CHECK(std::get<start_request>(started.what).isolation == isolation_mode::userns);
  CHECK(std::get<start_request>(started.what).base == "/tree");
  CHECK(std::get<start_request>(started.what).cgroup == "auto");
  CHECK(std::get<start_request>(started.what).require);
  CHECK(std::get<start_request>(started.what).temporary);
}

TEST_CASE("what the helper answers arrives as it was") {
  const auto answer =
      decode_answer(encode(helper_answer{3, "one", "why", {isolation_mode::shifted, "strong", "few", {"a", "b"}}}));

  CHECK(answer.number == 3);
  CHECK(answer.id == "one");
  CHECK(answer.failure == "why");
  CHECK(answer.probe.mode == isolation_mode::shifted);
  CHECK(answer.probe.description == "strong");
  CHECK(answer.probe.limits == "few");
  CHECK(answer.probe.failures == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a failure that names a file of a sandbox's arrives, whatever bytes that name has") {
  const auto answer = decode_answer(encode(helper_answer{3,
                                                         "one",
                                                         "remove a\xFF"
                                                         "b: Device or resource busy",
                                                         {}}));

  CHECK(answer.failure ==
        "remove a\xEF\xBF\xBD"
        "b: Device or resource busy");
}

TEST_CASE("what neither end would say is refused") {
  CHECK_THROWS(decode_request("{"));
  CHECK_THROWS(decode_request(R"({"number":1,"do":"dance"})"));
  CHECK_THROWS(decode_answer(R"({"number":"1"})"));
}

}  // namespace daytona::local
