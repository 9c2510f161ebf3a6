#include <daytona/with_sandbox.hpp>

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <algorithm>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> throw_own(sandbox) {
  throw std::runtime_error("the body's");
  co_return;
}

}  // namespace

TEST_CASE("with_sandbox gives the body's result and removes the sandbox") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("started")).reply(remove_line, 200, sandbox_json("destroying"));
  auto body = [](sandbox target) -> asio::awaitable<std::string> { co_return target.id(); };

  const auto end = fixture.run(with_sandbox(fixture.client(), create_from_snapshot_params(), body));

  CHECK(end.value() == sandbox_id);
}

TEST_CASE("with_sandbox removes the sandbox when the body throws, and tells what the body threw") {
  for (const unsigned status : {200u, 500u}) {
    client_fixture fixture;
    fixture.script().reply(create_line, 200, sandbox_json("started")).reply(remove_line, status, sandbox_json("error"));
    const auto end = fixture.run(with_sandbox(fixture.client(), create_from_snapshot_params(), throw_own));

    CHECK(end.is<std::runtime_error>());
    CHECK_FALSE(end.is<daytona::error>());
  }
}

TEST_CASE("L4: a removal that failed after the body threw is told to on_trace, and the body's exception stays") {
  std::vector<std::string> failed;
  auto settings = client_fixture::default_config();
  settings.on_trace = [&](const trace_event& event) {
    if (event.status >= 400) failed.push_back(event.operation);
  };
  client_fixture fixture{settings};
  fixture.script().reply(create_line, 200, sandbox_json("started")).reply(remove_line, 500, R"({"message":"boom"})");
  const auto end = fixture.run(with_sandbox(fixture.client(), create_from_snapshot_params(), throw_own));

  CHECK(end.is<std::runtime_error>());
  CHECK_FALSE(end.is<daytona::error>());
  REQUIRE(failed.size() == 1);
  CHECK(failed[0] == "remove sandbox");
}

TEST_CASE("L4: with_sandbox tells of a removal that failed after the body succeeded") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("started")).reply(remove_line, 500, R"({"message":"boom"})");
  auto body = [](sandbox) -> asio::awaitable<void> { co_return; };

  const auto end = fixture.run(with_sandbox(fixture.client(), create_from_snapshot_params(), body));

  CHECK(end.is<internal_server_error>());
}

TEST_CASE("with_sandbox removes the sandbox of a cancelled body, out of reach of a second cancellation") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("started"));
  fixture.script().hang("POST /toolbox").reply(remove_line, 200, sandbox_json("destroying"));
  asio::cancellation_signal signal;
  fixture.script().on_hang = [&] {
    asio::post(fixture.executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
  };
  fixture.script().on_step = [&](std::size_t) {
    asio::post(fixture.executor(), [&] {
      if (count(fixture.script(), "POST /toolbox") == 1) signal.emit(asio::cancellation_type::terminal);
    });
    return step_action::proceed;
  };
  bool was_throwing = false;
  auto body = [](sandbox target) -> asio::awaitable<void> { co_await target.process().exec("sleep 1"); };
  auto whole = [&]() -> asio::awaitable<void> {
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
      co_await with_sandbox(fixture.client(), create_from_snapshot_params(), body);
    } catch (...) {
      failure = std::current_exception();
    }
    was_throwing = co_await asio::this_coro::throw_if_cancelled();
    if (failure) std::rethrow_exception(failure);
  };

  const auto end = fixture.run(whole(), signal.slot());

  CHECK(end.error().code() == asio::error::operation_aborted);
  CHECK_FALSE(was_throwing);
  CHECK(count(fixture.script(), "DELETE") == 1);
}
