// The client of a backend in the same program, under injected faults.
#include <daytona/daytona.hpp>
#include <daytona/local/server.hpp>

#include <doctest/doctest.h>

#include "embedded.hpp"

using namespace daytona;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("L3: a create whose answer is lost leaves one sandbox, which is the one the client has") {
  auto work = []() -> asio::awaitable<void> {
    local::server server = co_await local::server::start();
    local::fault lost;
    lost.method = "POST";
    lost.path = "/api/sandbox";
    lost.cut_after = 0;
    server.inject(lost);
    client client{server.config()};

    sandbox made = co_await client.create();
    CHECK(server.faults().at(0).befallen == 1);
    auto hello = co_await made.process().exec("echo hello");
    CHECK(hello.result == "hello\n");
    auto list = client.list();
    int count = 0;
    while (auto item = co_await list.next()) ++count;
    CHECK(count == 1);
    co_await server.stop();
  };
  run(work());
}

TEST_CASE("a sandbox that dies while a command runs ends the call, and can be started again") {
  auto work = []() -> asio::awaitable<void> {
    local::server server = co_await local::server::start();
    client client{server.config()};
    sandbox made = co_await client.create();
    local::fault death;
    death.path = "/toolbox/*/process/execute";
    death.end_sandbox_after = 200ms;
    server.inject(death);

    bool ended = false;
    try {
      auto never = co_await made.process().exec("sleep 1000");
      CHECK(never.exit_code == 0);
    } catch (const error&) {
      ended = true;
    }
    CHECK(ended);
    co_await made.wait_for_sandbox_stop();
    CHECK(made.error_reason() == "the sandbox ended by itself: it was killed by an injected fault");
    co_await made.start();
    auto alive = co_await made.process().exec("echo alive");
    CHECK(alive.result == "alive\n");
    co_await server.stop();
  };
  run(work());
}

TEST_CASE("a wrong fault is refused by name") {
  auto work = []() -> asio::awaitable<void> {
    local::server server = co_await local::server::start();
    local::fault wrong;
    wrong.status = 42;
    CHECK_THROWS_WITH_AS(server.inject(wrong), "local backend: fault: status must be from 200 to 599",
                         bad_request_error);
    CHECK_FALSE(server.remove_fault("fault-9"));
    CHECK(server.faults().empty());
    co_await server.stop();
  };
  run(work());
}
