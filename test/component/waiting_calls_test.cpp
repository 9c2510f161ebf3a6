#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <exception>

#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// The one connection that a client may have, held by a call that hangs, and a call that waits for it.
struct held_line {
  explicit held_line(client_fixture& owner) : fixture(owner) {
    const auto count = [this](std::exception_ptr, sandbox) { ++ended; };
    auto held = asio::bind_cancellation_slot(signal.slot(), count);
    asio::co_spawn(fixture.io(), fixture.client().get("held"), held);
    asio::co_spawn(fixture.io(), fixture.client().get("waiting"), count);
    fixture.settle();
  }
  void let_go() {
    signal.emit(asio::cancellation_type::terminal);
    fixture.run_until([this] { return ended == 2; });
  }

  client_fixture& fixture;
  asio::cancellation_signal signal;
  int ended = 0;
};

/// Calls that were begun together.
struct crowd {
  crowd(client_fixture& owner, int size) : fixture(owner) {
    const auto count = [this](std::exception_ptr failure, sandbox) {
      ++ended;
      if (failure) ++failed;
    };
    for (int n = 0; n < size; ++n) asio::co_spawn(fixture.io(), fixture.client().get("x"), count);
  }
  void run_to(int count) {
    fixture.run_until([&] { return ended == count; });
  }

  client_fixture& fixture;
  int ended = 0;
  int failed = 0;
};

}  // namespace

TEST_CASE("R4: one more call than may wait is refused at once, by a name of its own, and not repeated") {
  config settings = client_fixture::default_config();
  settings.max_connections_per_origin = 1;
  settings.max_waiting_calls_per_origin = 1;
  client_fixture fixture{settings};
  fixture.script().hang("GET /api/sandbox/held");
  fixture.script().reply("GET /api/sandbox/waiting", 200, sandbox_json("started"));
  held_line line{fixture};

  const auto error = fixture.run(fixture.client().get("refused")).error();

  CHECK(error.code() == errc::too_many_waiting);
  CHECK(error.phase() == phase::waiting_for_connection);
  CHECK(error.message().find("config::max_waiting_calls_per_origin") != std::string::npos);
  CHECK(is_retryable(error));
  CHECK(fixture.elapsed() == 0s);
  CHECK(line.ended == 0);
  line.let_go();
}

TEST_CASE("R4: a client tells what its connections are doing, and did") {
  config settings = client_fixture::default_config();
  settings.max_connections_per_origin = 1;
  client_fixture fixture{settings};
  CHECK(fixture.client().pool_figures().origins.empty());
  fixture.script().reply("GET", 200, sandbox_json("started"));
  fixture.script().hang("GET /api/sandbox/held");
  fixture.script().reply("GET /api/sandbox/waiting", 200, sandbox_json("started"));

  CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
  auto figures = fixture.client().pool_figures();
  REQUIRE(figures.origins.contains("http://daytona.test:80"));
  CHECK(figures.origins["http://daytona.test:80"].connections == 1);
  CHECK(figures.origins["http://daytona.test:80"].idle == 1);
  CHECK(figures.opened == 1);
  CHECK(figures.reused == 0);

  held_line line{fixture};
  figures = fixture.client().pool_figures();
  CHECK(figures.origins["http://daytona.test:80"].idle == 0);
  CHECK(figures.origins["http://daytona.test:80"].waiting == 1);
  CHECK(figures.reused == 1);

  line.let_go();
  CHECK(fixture.client().pool_figures().opened == 2);
}

TEST_CASE("R4: a client makes as many connections at a time as it is told to, and calls beyond that wait") {
  config settings = client_fixture::default_config();
  settings.max_connecting = 2;
  client_fixture fixture{settings};
  fixture.script().on_step = [](std::size_t) { return step_action::hang; };
  crowd calls{fixture, 5};
  fixture.settle();

  const auto figures = fixture.client().pool_figures().origins["http://daytona.test:80"];

  CHECK(figures.connecting == 2);
  CHECK(figures.waiting == 3);
  CHECK(fixture.script().steps == 2);
  fixture.client().close();
  calls.run_to(5);
}

TEST_CASE("R5: a client keeps as many idle connections as it is told to, and closes the others") {
  for (const std::size_t most : {0U, 2U}) {
    config settings = client_fixture::default_config();
    settings.max_idle_per_origin = most;
    client_fixture fixture{settings};
    fixture.script().forgiving = true;
    fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
    crowd calls{fixture, 5};

    calls.run_to(5);

    CHECK(calls.failed == 0);
    CHECK(fixture.client().pool_figures().opened == 5);
    CHECK(fixture.client().pool_figures().origins["http://daytona.test:80"].idle == most);
    CHECK(fixture.script().open == most);
  }
}
