#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "kit/for_each_failure.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// Of the steps of a first call: connect, write, read.
constexpr std::size_t connect_step = 0, write_step = 1;

std::string part_of(const std::string& whole, std::size_t size) { return whole.substr(0, size); }

asio::awaitable<execute_response> exec(client_fixture& fixture) { return fixture.sandbox().process().exec("true"); }

void fail_once_at(client_fixture& fixture, std::size_t wanted) {
  fixture.script().on_step = [wanted](std::size_t step) {
    return step == wanted ? step_action::fail : step_action::proceed;
  };
}

}  // namespace

TEST_CASE("R1: what fails before anything is sent is repeated, whatever the method") {
  for (const auto step : {connect_step, write_step}) {
    client_fixture fixture;
    fixture.script().reply(execute_line, 200, executed).reply(get_line, 200, sandbox_json("started"));
    fail_once_at(fixture, step);

    CHECK_FALSE(fixture.run(exec(fixture)).failed());
    CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
    CHECK(fixture.script().requests.size() == 2);
  }
}

TEST_CASE("R1: a command whose connection dies after the request is not run twice, wherever the answer was cut") {
  const auto answer = http_answer(200, executed);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{20}, answer.size() - 1}) {
    client_fixture fixture;
    fixture.script().reply_bytes(execute_line, part_of(answer, size), true);

    const auto end = fixture.run(exec(fixture));

    CHECK(end.error().code() == errc::connection_lost);
    CHECK(end.is<connection_error>());
    CHECK(end.error().phase() == (size > 60 ? phase::body : phase::headers));
    CHECK(end.error().details().request_sent);
    CHECK_FALSE(is_retryable(end.error()));
    CHECK(fixture.script().requests.size() == 1);
  }
}

TEST_CASE("R1: a question whose connection dies is asked again, wherever the answer was cut") {
  const auto answer = http_answer(200, sandbox_json("started"));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{20}, answer.size() - 1}) {
    client_fixture fixture;
    fixture.script().reply_bytes(get_line, part_of(answer, size), true).reply(get_line, 200, sandbox_json("started"));

    CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
    CHECK(fixture.script().requests.size() == 2);
  }
}

TEST_CASE(
    "R1: a change runs at most once, wherever its connection dies; what is safe to repeat is, and so is what was not "
    "sent") {
  struct row {
    std::string name;
    std::string line;
    std::string answer;
    bool repeats;
    std::function<asio::awaitable<void>(client_fixture&)> call;
  };
  const std::vector<row> rows{
      {"GET", get_line, sandbox_json("started"), true, [](auto& with) { return with.sandbox().refresh_data(); }},
      {"DELETE", "DELETE /api/sandbox/", sandbox_json("destroying"), true,
       [](auto& with) { return with.sandbox().remove(); }},
      {"POST to the API", "POST /api/sandbox/", sandbox_json("started"), false,
       [](auto& with) { return with.sandbox("stopped").start(); }},
      {"POST to a toolbox", execute_line, executed, false, [](auto& with) { return discard(exec(with)); }},
  };
  const auto cut_at = [](const row& what, std::size_t size) {
    client_fixture fixture;
    fixture.script().reply_bytes(what.line, part_of(http_answer(200, what.answer), size), true);
    if (what.repeats) fixture.script().reply(what.line, 200, what.answer);

    const auto end = fixture.run(what.call(fixture));

    CHECK(end.failed() != what.repeats);
    CHECK(fixture.script().requests.size() == (what.repeats ? 2 : 1));
  };
  for (const auto& what : rows) {
    CAPTURE(what.name);
    for (const auto step : {connect_step, write_step}) {
      client_fixture fixture;
      fixture.script().reply(what.line, 200, what.answer);
      fail_once_at(fixture, step);
      CHECK_FALSE(fixture.run(what.call(fixture)).failed());
      CHECK(fixture.script().requests.size() == 1);
    }
    for (const std::size_t size : {0u, 1u, 30u, 80u}) cut_at(what, size);
  }
}

TEST_CASE("R1: a removal is repeated, and one that took effect the first time is a success") {
  client_fixture fixture;
  fixture.script().cut("DELETE /api/sandbox/").reply("DELETE /api/sandbox/", 404, R"({"message":"gone"})");

  CHECK_FALSE(fixture.run(fixture.sandbox().remove()).failed());
}

TEST_CASE("R1: a connection that died while it was idle costs no attempt") {
  client_fixture fixture;
  fixture.script().reply_bytes(execute_line, http_answer(200, executed), true).reply(execute_line, 200, executed);

  CHECK_FALSE(fixture.run(exec(fixture)).failed());
  CHECK_FALSE(fixture.run(exec(fixture)).failed());

  CHECK(fixture.script().connections == 2);
}

TEST_CASE("R2: every attempt sends the same bytes") {
  client_fixture fixture;
  for (int n = 0; n < 2; ++n)
    fixture.script().reply(execute_line, 429, R"({"message":"slow down"})", "Retry-After: 1\r\n");
  fixture.script().reply(execute_line, 200, executed);

  CHECK_FALSE(fixture.run(exec(fixture)).failed());

  const auto& requests = fixture.script().requests;
  REQUIRE(requests.size() == 3);
  CHECK(requests[1] == requests[0]);
  CHECK(requests[2] == requests[0]);
  CHECK(requests[0].find("Content-Type: application/json\r\n") != std::string::npos);
}

TEST_CASE("R2: an attempt after a lost connection or a busy server sends the same bytes") {
  client_fixture fixture;
  fixture.script().cut("DELETE").reply("DELETE", 503, "{}").reply("DELETE", 200, sandbox_json("destroying"));
  fixture.script().cut("GET").reply("GET", 502, "<html>").reply("GET", 200, sandbox_json("started"));

  CHECK_FALSE(fixture.run(fixture.sandbox().remove()).failed());
  CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());

  const auto& requests = fixture.script().requests;
  REQUIRE(requests.size() == 6);
  for (const std::size_t first : {0U, 3U})
    for (const std::size_t later : {1U, 2U}) CHECK(requests[first + later] == requests[first]);
}

TEST_CASE("R10: a limit is waited for as long as each form of Retry-After says") {
  for (const std::string field : {"Retry-After: 7", "retry-after-sandbox-create: 7", "Retry-After-authenticated: 7"}) {
    client_fixture fixture;
    fixture.script().reply(get_line, 429, R"({"message":"slow"})", field + "\r\n");
    fixture.script().reply(get_line, 200, sandbox_json("started"));

    CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
    CHECK(fixture.elapsed() == 7s);
  }
}

TEST_CASE("R10: a wait beyond the deadline is not begun, and the error tells the limits") {
  client_fixture fixture;
  fixture.script().reply(get_line, 429, R"({"message":"ThrottlerException: Too Many Requests"})",
                         "Retry-After-sandbox-create: 90\r\nX-RateLimit-Limit-sandbox-create: 10\r\n"
                         "X-RateLimit-Remaining-sandbox-create: 0\r\nX-RateLimit-Reset-sandbox-create: 90\r\n");

  const auto end = fixture.run(fixture.client().get("x"));

  CHECK(fixture.elapsed() == 0s);
  CHECK(end.is<rate_limit_error>());
  CHECK(end.error().retry_after() == 90s);
  CHECK(is_transient(end.error()));
  try {
    std::rethrow_exception(end.failure);
  } catch (const rate_limit_error& e) {
    REQUIRE(e.limits().size() == 1);
    CHECK(e.limits()[0].name == "sandbox-create");
    CHECK(e.limits()[0].limit == 10);
    CHECK(e.limits()[0].remaining == 0);
    CHECK(e.limits()[0].reset == 90s);
  }
}

TEST_CASE("R12: a connection with bytes behind the answer is never used again") {
  client_fixture fixture;
  fixture.script().reply_bytes(execute_line, http_answer(200, executed) + "HTTP/1.1 200 OK\r\n");
  fixture.script().reply(execute_line, 200, executed);

  const auto first = fixture.run(exec(fixture));
  const auto second = fixture.run(exec(fixture));

  CHECK(first.error().code() == errc::protocol_violation);
  CHECK_FALSE(second.failed());
  CHECK(fixture.script().connections == 2);
}

TEST_CASE("R12: a body abandoned at any byte closes its connection, and the next answer is its own") {
  const auto answer = http_answer(200, R"({"exitCode":7,"result":"the first one's"})");
  for (std::size_t size = 1; size < answer.size(); ++size) {
    client_fixture fixture;
    fixture.script().reply_bytes(execute_line, part_of(answer, size)).reply(execute_line, 200, executed);
    asio::cancellation_signal signal;
    fixture.script().on_hang = [&] {
      asio::post(fixture.executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
    };

    const auto cancelled = fixture.run(exec(fixture), signal.slot());
    const auto next = fixture.run(exec(fixture));

    CHECK(cancelled.error().code() == asio::error::operation_aborted);
    CHECK(next.value().exit_code == 0);
    CHECK(fixture.script().connections == 2);
  }
}

TEST_CASE("R7: a connection is not used again after Connection: close or an answer of HTTP/1.0") {
  const std::string body = executed;
  const std::string closing = http_answer(200, body, "Connection: close\r\n");
  const std::string old = "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const std::string until_end = "HTTP/1.1 200 OK\r\n\r\n" + body;
  for (const auto& bytes : {closing, old, until_end}) {
    client_fixture fixture;
    fixture.script().reply_bytes(execute_line, bytes, bytes == until_end).reply(execute_line, 200, executed);

    CHECK_FALSE(fixture.run(exec(fixture)).failed());
    CHECK_FALSE(fixture.run(exec(fixture)).failed());

    CHECK(fixture.script().connections == 2);
  }
}

TEST_CASE("R11: permanent failures are never repeated") {
  for (const unsigned status : {400u, 401u, 403u, 404u, 409u, 410u, 422u, 500u, 418u}) {
    client_fixture fixture;
    fixture.script().reply(get_line, status, R"({"message":"boom"})");

    const auto end = fixture.run(fixture.client().get("x"));

    CHECK(end.error().http_status() == status);
    CHECK_FALSE(is_transient(end.error()));
  }
}

TEST_CASE("R11: the state change under way of another call is waited for") {
  client_fixture fixture;
  fixture.script().reply("POST /api/sandbox/5b0c", 409, R"({"message":"Sandbox state change in progress"})");
  fixture.script().reply("POST /api/sandbox/5b0c", 200, sandbox_json("started"));

  CHECK_FALSE(fixture.run(fixture.sandbox("stopped").start()).failed());
}
