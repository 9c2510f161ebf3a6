#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"
#include "kit/scripted_server.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t long_commands = 1000;
constexpr auto long_command_time = 60s;
constexpr auto between_short_calls = 100ms;
constexpr std::size_t short_calls = long_command_time / between_short_calls;

/// The real client on one thread, its server on loopback in the same one.
class crowd_fixture : public fixture {
 public:
  crowd_fixture() : server_(std::in_place, io()), client_(settings()) {}
  ~crowd_fixture() {
    for (const auto& problem : server_->seen().problems) CHECK_MESSAGE(problem.empty(), problem);
    client_.close();
    server_->stop();
    settle();
  }

  scripted_server& server() { return *server_; }
  daytona::client& client() { return client_; }

  daytona::sandbox get_sandbox() {
    server().reply(get_line, 200, answer());
    return run(client_.get("x")).value();
  }
  std::string answer() const {
    return sandbox_json("started", {}, fmt::format("http://127.0.0.1:{}/toolbox", server_->port()));
  }

  void begin_long_command(const sandbox& target) {
    server_reply late;
    late.expected = execute_line;
    late.bytes = http_answer(200, R"({"exitCode":0,"result":"done\n"})");
    late.delay = long_command_time;
    server().reply(std::move(late));
    auto count = [this](std::exception_ptr failure, const execute_response& end) {
      ++(!failure && end.result == "done\n" ? succeeded : failed);
    };
    asio::co_spawn(io(), target.process().exec("make world"), count);
  }

  /// How long a short call takes, by the clock that the long ones wait for.
  std::chrono::nanoseconds time_short_call() {
    const auto begin = elapsed();
    server().reply(get_line, 200, answer());
    CHECK_FALSE(run(client_.get("x")).failed());
    return elapsed() - begin;
  }

  void wait_until(std::chrono::nanoseconds time) {
    auto& clock = net::timers_of(executor());
    if (time > elapsed()) clock.advance_to(clock.now() + (time - elapsed()));
    settle();
  }

  std::size_t succeeded = 0, failed = 0;

 private:
  config settings() const {
    config made;
    made.api_key = "key";
    made.api_url = fmt::format("http://127.0.0.1:{}/api", server_->port());
    made.retry.max_attempts = 1;
    return made;
  }

  std::optional<scripted_server> server_;
  daytona::client client_;
};

std::chrono::nanoseconds percentile_99(std::vector<std::chrono::nanoseconds> times) {
  std::sort(times.begin(), times.end());
  return times.at(times.size() * 99 / 100);
}

}  // namespace

TEST_CASE("R4: while 1,000 commands of a minute run, ten short calls a second don't wait for them") {
  crowd_fixture fixture;
  const auto target = fixture.get_sandbox();
  for (std::size_t i = 0; i < long_commands; ++i) fixture.begin_long_command(target);
  fixture.run_until([&] { return fixture.server().seen().requests.size() == 1 + long_commands; });

  std::vector<std::chrono::nanoseconds> times;
  for (std::size_t i = 0; i < short_calls; ++i) {
    times.push_back(fixture.time_short_call());
    fixture.wait_until(between_short_calls * (i + 1) - 1ms);
  }
  CHECK(fixture.succeeded == 0);
  fixture.run_until([&] { return fixture.succeeded + fixture.failed == long_commands; });

  CHECK(percentile_99(times) < 100ms);
  CHECK(fixture.succeeded == long_commands);
  CHECK(fixture.elapsed() == long_command_time);
  CHECK(fixture.server().seen().connections == long_commands + 1);
}
