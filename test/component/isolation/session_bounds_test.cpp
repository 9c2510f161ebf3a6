// What sessions take of a toolbox. The toolbox's service, in this process.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "held_descriptors.hpp"
#include "net/timers.hpp"
#include "service_fixture.hpp"

namespace daytona::local::test {

namespace {

constexpr const char* exec_path = "/process/session/s/exec";

/// The service with a session `s`.
struct bounded_session : service_fixture {
  explicit bounded_session(const toolbox::service_limits& wanted = toolbox::service_limits{})
      : service_fixture{wanted} {
    REQUIRE(answered(post("/process/session", R"({"sessionId":"s"})")).starts_with("HTTP/1.1 201 "));
  }

  /// A command that nobody waits for; its path.
  std::string begin(const std::string& command) {
    const auto text = answered(post(exec_path, command_text(command, R"(,"runAsync":true)")));
    const std::string before = R"("cmdId":")";
    const auto id = text.find(before) + before.size();
    return "/process/session/s/command/" + text.substr(id, text.find('"', id) - id);
  }
  unique_fd follow(const std::string& command) {
    unique_fd client = connect();
    send(client, "GET " + command +
                     "/logs?follow=true HTTP/1.1\r\nHost: toolbox\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    return client;
  }
  /// What comes until `end` does.
  std::string read_to(const unique_fd& client, const std::string& end) {
    std::string all;
    while (all.find(end) == std::string::npos) {
      const auto more = answer(client);
      all += more;
      if (more.empty()) io.run_one();
    }
    return all;
  }
  /// Once all has run that can.
  std::size_t descriptors() {
    io.restart();
    while (io.poll() > 0) {
    }
    return held_descriptors();
  }
};

}  // namespace

TEST_CASE("commands that wait in a session hold no descriptor, and who waits for one holds but a connection") {
  bounded_session fixture;
  const auto with_none = fixture.descriptors();
  const auto gate = fixture.make_gate("gate");
  fixture.begin("read x < " + gate);
  const auto with_one = fixture.descriptors();

  for (int n = 0; n < 100; ++n) fixture.begin("true");
  CHECK(fixture.descriptors() == with_one);
  auto follower = fixture.follow(fixture.begin("echo followed"));
  auto waiter = fixture.post(exec_path, command_text("echo waited"));
  CHECK(fixture.descriptors() == with_one + 4);  // both ends of their connections are here

  fixture.open_gate(gate);
  const auto followed = fixture.read_to(follower, "\x88\x02\x03\xE8");
  CHECK(followed.find("followed\n") != std::string::npos);
  CHECK(fixture.answered(waiter).find(R"("output":"waited\n")") != std::string::npos);
  follower.reset();
  waiter.reset();
  CHECK(fixture.descriptors() == with_none + 1);  // the gate
}

TEST_CASE(
    "lists that are not read take no more of a toolbox's memory than all may have together: who comes then is told "
    "when to come again, and is served once one of them has taken nothing for a second") {
  toolbox::service_limits limits;
  limits.answers = 2 * 1024 * 1024;
  bounded_session fixture{limits};
  auto& clock = net::timers_of(fixture.io.get_executor());
  clock.use_manual_clock(net::steady_time{std::chrono::hours{24}});
  fixture.begin("read x < " + fixture.make_gate("gate"));
  fixture.begin(": " + std::string(600'000, 'x'));

  for (const std::string path : {"/process/session", "/process/session/s"}) {
    CAPTURE(path);
    std::vector<unique_fd> unread;
    unread.reserve(10);
    for (int n = 0; n < 10; ++n) unread.push_back(fixture.request("GET", path, ""));
    const auto refused = fixture.answered(fixture.request("GET", path, ""));
    clock.advance_to(clock.now() + std::chrono::seconds{1});
    const auto served = fixture.request("GET", path, "");

    CHECK(refused.starts_with("HTTP/1.1 503 "));
    CHECK(refused.find("ANSWER_MEMORY_IN_USE") != std::string::npos);
    CHECK(refused.find("\r\nRetry-After: 1\r\n") != std::string::npos);
    CHECK(fixture.answer(served).starts_with("HTTP/1.1 200 "));
  }
}

}  // namespace daytona::local::test
