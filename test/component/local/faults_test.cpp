// The real client against the backend's API with faults injected: what users of the feature do.
#include <daytona/client.hpp>
#include <daytona/error.hpp>
#include <daytona/sandbox.hpp>

#include <doctest/doctest.h>

#include <string>

#include "api_fixture.hpp"
#include "small_server.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
using namespace std::chrono_literals;

namespace {

fault answering(unsigned status, std::string method = "", std::string path = "/**") {
  fault made;
  made.method = std::move(method);
  made.path = std::move(path);
  made.status = status;
  return made;
}

template <class T>
boost::asio::awaitable<void> without_value(boost::asio::awaitable<T> call) {
  [[maybe_unused]] const T value = co_await std::move(call);
}

/// What a call of the client ended with; none if it succeeded.
template <class T>
std::exception_ptr outcome(api_fixture& api, boost::asio::awaitable<T> call) {
  std::exception_ptr failure;
  try {
    run(api.local.io, without_value(std::move(call)));
  } catch (...) {
    failure = std::current_exception();
  }
  return failure;
}

/// The same of a call that waits for time to pass: `steps` is how many milliseconds it took.
template <class T>
std::exception_ptr outcome_in_time(api_fixture& api, manual_clock& clock, boost::asio::awaitable<T> call, int& steps) {
  std::exception_ptr failure;
  bool ended = false;
  boost::asio::co_spawn(api.local.io, without_value(std::move(call)), [&](std::exception_ptr error) {
    failure = error;
    ended = true;
  });
  settle(api.local.io);
  steps = 0;
  while (!ended) {
    REQUIRE(++steps < 10'000);
    clock.pass(1ms);
    settle(api.local.io);
  }
  return failure;
}

std::string id_of_new(api_fixture& api) { return std::string{api.ask("POST", "/api/sandbox", "{}")["id"]}; }

/// Of the sandbox that is asked for.
fault death_in_an_hour() {
  fault death;
  death.path = "/api/sandbox/*";
  death.end_sandbox_after = 1h;
  return death;
}

}  // namespace

TEST_CASE("R10: an injected 429 with Retry-After is waited out, and the call succeeds") {
  api_fixture api;
  const auto id = id_of_new(api);
  auto limited = answering(429, "GET");
  limited.headers.emplace_back("Retry-After", "0");
  limited.count = 2;
  api.faults->add(limited);
  const daytona::client client{api.config()};

  CHECK_FALSE(outcome(api, client.get(id)));

  CHECK(api.faults->all()[0].befallen == 2);
}

TEST_CASE("R10: an injected 429 that does not end is told with its headers") {
  api_fixture api;
  auto limited = answering(429);
  limited.headers.emplace_back("Retry-After", "0");
  limited.headers.emplace_back("X-RateLimit-Limit-sandbox-create", "600");
  limited.count = 0;
  api.faults->add(limited);
  const daytona::client client{api.config()};

  const auto failure = outcome(api, client.create());

  try {
    REQUIRE(failure);
    std::rethrow_exception(failure);
  } catch (const daytona::rate_limit_error& error) {
    CHECK(error.limits().at(0).name == "sandbox-create");
    CHECK(error.retry_after() == 0ms);
  }
  CHECK(api.local.all->all().empty());
}

TEST_CASE("L3: a create whose answer is lost is adopted, not made twice") {
  for (const std::uint64_t bytes : {0U, 1U, 40U, 400U}) {
    CAPTURE(bytes);
    api_fixture api;
    fault lost;
    lost.method = "POST";
    lost.path = "/api/sandbox";
    lost.cut_after = bytes;
    api.faults->add(lost);
    const daytona::client client{api.config()};

    CHECK_FALSE(outcome(api, client.create()));

    CHECK(api.local.all->all().size() == 1);
    CHECK(api.faults->all()[0].befallen == 1);
  }
}

TEST_CASE("a status without carry_out leaves the request undone, with it the client is told what is not so") {
  api_fixture api;
  api.faults->add(answering(503, "POST"));
  auto lied = answering(502, "POST");
  lied.carry_out = true;
  api.faults->add(lied);

  const auto undone = api.ask("POST", "/api/sandbox", "{}");
  CHECK(undone.status == 503);
  CHECK(undone["message"] == "an injected fault");
  CHECK(undone["source"] == "DAYTONA_API");
  CHECK(api.local.all->all().empty());
  CHECK(api.ask("POST", "/api/sandbox", "{}").status == 502);
  CHECK(api.local.all->all().size() == 1);
}

TEST_CASE("an answer is cut at the byte that was named, its connection too") {
  api_fixture api;
  const auto id = id_of_new(api);
  const auto whole = api.ask("GET", "/api/sandbox/" + id).whole;
  fault cut;
  cut.count = 0;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{10}, whole.size() - 1}) {
    api.faults->clear();
    cut.cut_after = bytes;
    api.faults->add(cut);

    CHECK(api.ask("GET", "/api/sandbox/" + id).whole == whole.substr(0, bytes));
  }
}

TEST_CASE("a slow answer arrives whole, and slower than a client with a deadline waits") {
  api_fixture api;
  const auto id = id_of_new(api);
  fault slow;
  slow.path = "/api/sandbox/*";
  slow.bytes_per_second = 4'000;
  slow.count = 0;
  const auto size = static_cast<int>(api.ask("GET", "/api/sandbox/" + id).whole.size());
  manual_clock clock{api.local.io};
  api.faults->add(slow);
  int steps = 0;
  CHECK_FALSE(outcome_in_time(api, clock, daytona::client{api.config()}.get(id), steps));
  CHECK(steps == doctest::Approx(size / 4).epsilon(0.2));

  api.faults->clear();
  slow.bytes_per_second = 1;
  api.faults->add(slow);
  auto settings = api.config();
  settings.request_timeout = 5s;
  const daytona::client hasty{settings};
  const auto failure = outcome_in_time(api, clock, hasty.get(id), steps);
  CHECK(steps == 5000);
  try {
    REQUIRE(failure);
    std::rethrow_exception(failure);
  } catch (const daytona::timeout_error& error) {
    CHECK((error.phase() == daytona::phase::headers || error.phase() == daytona::phase::body));
  }
}

TEST_CASE("a delay outlasts a client's deadline") {
  api_fixture api;
  const auto id = id_of_new(api);
  fault late;
  late.delay = 1h;
  api.faults->add(late);
  manual_clock clock{api.local.io};
  auto settings = api.config();
  settings.request_timeout = 5s;
  const daytona::client hasty{settings};

  int steps = 0;
  const auto failure = outcome_in_time(api, clock, hasty.get(id), steps);

  CHECK(steps == 5000);
  REQUIRE(failure);
  CHECK_THROWS_AS(std::rethrow_exception(failure), daytona::timeout_error);
}

TEST_CASE("a sandbox dies when its request comes, and says that nobody asked for it") {
  api_fixture api;
  const auto id = id_of_new(api);
  const auto other = id_of_new(api);
  fault death;
  death.path = "/toolbox/*/process/execute";
  death.end_sandbox_after = 0ms;
  api.faults->add(death);

  CHECK(api.ask("POST", "/toolbox/" + id + "/process/execute", "{}")["code"] == "SANDBOX_NOT_STARTED");

  const auto dead = api.ask("GET", "/api/sandbox/" + id);
  CHECK(dead["state"] == "stopped");
  CHECK(dead["errorReason"] == "the sandbox ended by itself: it was killed by an injected fault");
  CHECK(api.ask("GET", "/api/sandbox/" + other)["state"] == "started");
  CHECK(api.ask("POST", "/api/sandbox/" + id + "/start")["state"] == "started");
}

TEST_CASE("a sandbox that was to die in an hour holds up nobody who shuts the backend down before") {
  api_fixture api;
  const auto id = id_of_new(api);
  manual_clock clock{api.local.io};
  fault death = death_in_an_hour();
  death.count = 0;
  api.faults->add(death);
  CHECK(api.ask("GET", "/api/sandbox/" + id)["state"] == "started");
  api.listener.close();

  run(api.local.io, sandboxes::shut_down(api.local.all, true));
  settle(api.local.io);

  CHECK(api.local.io.stopped());  // for want of work
}

TEST_CASE("a sandbox dies at the time that was said, and nobody asked for it") {
  api_fixture api;
  const auto id = id_of_new(api);
  manual_clock clock{api.local.io};
  api.faults->add(death_in_an_hour());
  CHECK(api.ask("GET", "/api/sandbox/" + id)["state"] == "started");

  clock.pass(59min);
  settle(api.local.io);
  CHECK(api.local.all->get(id).state == "started");
  clock.pass(1min);
  settle(api.local.io);

  CHECK(api.local.all->get(id).state == "stopped");
}

TEST_CASE("faults are injected, listed and removed over HTTP, by whoever has the key alone") {
  api_fixture api;

  CHECK(api.ask("POST", "/local/faults", R"({"status":503})", "").status == 401);
  CHECK(api.ask("GET", "/local/faults", {}, "kex").status == 401);
  const auto made =
      api.ask("POST", "/local/faults", R"({"method":"GET","path":"/api/sandbox/*","status":503,"count":0})");
  CHECK(made.status == 201);
  const std::string id{made["id"]};
  CHECK(api.ask("GET", "/api/sandbox/x").status == 503);
  const auto listed = api.ask("GET", "/local/faults");
  CHECK(listed.body.at(0).at("befallen").as_int64() == 1);
  CHECK(listed.body.at(0).at("status").as_int64() == 503);
  const auto misspelt = api.ask("POST", "/local/faults", R"({"stauts":503})");
  CHECK(misspelt.status == 400);
  CHECK(misspelt["message"] == "property stauts should not exist");
  CHECK(api.ask("DELETE", "/local/faults/" + id).status == 204);
  CHECK(api.ask("DELETE", "/local/faults/" + id).status == 404);
  CHECK(api.ask("GET", "/api/sandbox/x").status == 404);
  CHECK(api.ask("DELETE", "/local/faults").status == 204);
}
