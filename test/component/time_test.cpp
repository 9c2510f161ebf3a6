#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/hanging_token.hpp"
#include "kit/request_lines.hpp"
#include "kit/tcp_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// What `exec` with this timeout sends: the JSON body.
std::string body_sent(std::optional<std::chrono::milliseconds> timeout) {
  client_fixture fixture;
  fixture.script().reply(execute_line, 200, executed);
  exec_options options;
  options.timeout = timeout;

  REQUIRE_FALSE(fixture.run(fixture.sandbox().process().exec("x", options)).failed());

  const auto& request = fixture.script().requests.at(0);
  return request.substr(request.find("\r\n\r\n") + 4);
}

config with_request_timeout(std::chrono::milliseconds timeout) {
  auto settings = client_fixture::default_config();
  settings.request_timeout = timeout;
  return settings;
}

/// A caller that is cancelled, and goes on.
asio::awaitable<void> go_on_after_cancellation(daytona::client client, asio::cancellation_signal& signal) {
  co_await asio::this_coro::throw_if_cancelled(false);
  signal.emit(asio::cancellation_type::terminal);
  co_await client.get("x");
}

void hang_at(client_fixture& fixture, std::size_t wanted) {
  fixture.script().on_step = [wanted](std::size_t step) {
    return step == wanted ? step_action::hang : step_action::proceed;
  };
}

}  // namespace

TEST_CASE("T7: a timeout goes onto the wire in whole seconds, rounded up, and never becomes none by rounding") {
  CHECK(body_sent(std::nullopt) == R"({"command":"x"})");
  CHECK(body_sent(0ms) == R"({"command":"x"})");
  CHECK(body_sent(1ms) == R"({"command":"x","timeout":1})");
  CHECK(body_sent(999ms) == R"({"command":"x","timeout":1})");
  CHECK(body_sent(1000ms) == R"({"command":"x","timeout":1})");
  CHECK(body_sent(1001ms) == R"({"command":"x","timeout":2})");
  CHECK(body_sent(1s * 2147483648LL) == R"({"command":"x","timeout":2147483647})");
  CHECK(body_sent(std::chrono::milliseconds::max()) == R"({"command":"x","timeout":2147483647})");
}

TEST_CASE("T7: a negative timeout is refused before anything is sent") {
  client_fixture fixture;
  const auto sandbox = fixture.sandbox();
  exec_options command;
  command.timeout = -1ms;
  start_options start;
  start.timeout = -1s;
  create_options create;
  create.timeout = -1s;

  CHECK_THROWS_AS((void)sandbox.process().exec("x", command), bad_request_error);
  CHECK_THROWS_AS((void)sandbox.start(start), bad_request_error);
  CHECK_THROWS_AS((void)fixture.client().create(create), bad_request_error);
  CHECK(fixture.script().connections == 0);
}

TEST_CASE("T2: a call ends at its deadline whatever phase it hangs in, and the error names it") {
  struct row {
    std::size_t step;
    phase where;
  };
  for (const auto [step, where] : {row{0, phase::connect}, row{1, phase::send}, row{2, phase::headers}}) {
    client_fixture fixture{with_request_timeout(7s)};
    fixture.script().forgiving = true;
    hang_at(fixture, step);

    const auto end = fixture.run(fixture.client().get("x"));

    CHECK(end.is<timeout_error>());
    CHECK(end.error().code() == errc::timeout);
    CHECK(end.error().phase() == where);
    CHECK(fixture.elapsed() == 7s);
  }
}

TEST_CASE("T2: a call ends at its deadline while the body trickles or stands still") {
  client_fixture fixture{with_request_timeout(7s)};
  fixture.script().reply_bytes("GET", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");

  const auto end = fixture.run(fixture.client().get("x"));

  CHECK(end.error().phase() == phase::body);
  CHECK(fixture.elapsed() == 7s);
}

TEST_CASE("T2: a call ends at its deadline while it waits for a connection") {
  auto settings = with_request_timeout(7s);
  settings.max_connections_per_origin = 1;
  client_fixture fixture{settings};
  fixture.script().hang(execute_line);
  asio::cancellation_signal signal;
  bool over = false;
  asio::co_spawn(
      fixture.io(), fixture.sandbox().process().exec("x"),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, execute_response) { over = true; }));
  fixture.settle();

  const auto end = fixture.run(fixture.client().get("x"));

  CHECK(end.error().code() == errc::timeout);
  CHECK(end.error().phase() == phase::waiting_for_connection);
  signal.emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return over; });
}

TEST_CASE("T2: the question for a toolbox's address is bounded, also before a command without a limit") {
  client_fixture fixture{with_request_timeout(7s)};
  fixture.script().hang("GET /api/sandbox/5b0c");

  const auto end = fixture.run(fixture.sandbox("started", "").process().exec("sleep 1d"));

  CHECK(end.error().code() == errc::timeout);
  CHECK(fixture.elapsed() == 7s);
}

TEST_CASE("T2: a list is read under one deadline, however many empty pages the server sends") {
  tcp_fixture fixture;
  server_reply empty;
  empty.expected = "GET /api/sandbox";
  empty.delay = 25s;
  for (const auto* const cursor : {"a", "b", "c", "d"}) {
    empty.bytes = http_answer(200, fmt::format(R"({{"items":[],"nextCursor":"{}"}})", cursor));
    fixture.server().reply(empty);
  }
  auto list = fixture.client().list();

  const auto end = fixture.run(list.next());

  CHECK(end.error().code() == errc::timeout);
  CHECK(fixture.elapsed() == 60s);
}

TEST_CASE("T3: a call that is made after a cancellation is ended by the next one") {
  client_fixture fixture;
  fixture.script().hang(get_line);
  asio::cancellation_signal signal;
  fixture.script().on_hang = [&] {
    asio::post(fixture.executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
  };

  const auto end = fixture.run(go_on_after_cancellation(fixture.client(), signal), signal.slot());

  CHECK(end.error().code() == asio::error::operation_aborted);
  CHECK(fixture.script().requests.size() == 1);
}

TEST_CASE("T2: a provider of tokens that hangs is ended with its call") {
  auto settings = with_request_timeout(7s);
  settings.api_key.clear();
  settings.organization_id = "organization";
  settings.jwt_provider = hanging_token;
  client_fixture fixture{settings};

  const auto end = fixture.run(fixture.client().get("x"));

  CHECK(end.error().code() == errc::timeout);
  CHECK(fixture.elapsed() == 7s);
}

TEST_CASE("T1: a command without a limit has no deadline of its own") {
  client_fixture fixture;
  fixture.script().hang(execute_line);
  asio::cancellation_signal signal;
  bool ended = false;
  asio::co_spawn(
      fixture.io(), fixture.sandbox().process().exec("sleep 1d"),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, execute_response) { ended = true; }));
  fixture.settle();

  CHECK(net::timers_of(fixture.executor()).size() == 0);
  CHECK_FALSE(ended);
  signal.emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return ended; });
}

TEST_CASE("T6: when the server's timeout and the call's come together, it is always the call's") {
  constexpr std::size_t commands = 1000;
  constexpr auto both = 6s;  // the command's second, and the five by which its call outlives it
  tcp_fixture fixture;
  const auto toolbox = fmt::format("http://127.0.0.1:{}/toolbox", fixture.server().port());
  fixture.server().reply(get_line, 200, sandbox_json("started", {}, toolbox));
  const auto sandbox = fixture.get().value();
  server_reply late;
  late.bytes = http_answer(408, R"({"message":"command execution timeout","code":"PROCESS_EXECUTION_TIMEOUT"})");
  late.delay = both;
  for (std::size_t n = 0; n < commands; ++n) fixture.server().reply(late);
  exec_options options;
  options.timeout = 1s;
  std::size_t ended = 0, by_call = 0;

  for (std::size_t n = 0; n < commands; ++n)
    asio::co_spawn(fixture.io(), sandbox.process().exec("x", options), [&](std::exception_ptr why, execute_response) {
      outcome<void> end;
      end.failure = why;
      CHECK(end.is<timeout_error>());
      if (end.error().code() == errc::timeout) ++by_call;
      ++ended;
    });
  fixture.run_until([&] { return fixture.server().seen().requests.size() == 1 + commands; });
  CHECK(ended == 0);
  fixture.run_until([&] { return ended == commands; });

  CHECK(fixture.elapsed() == both);
  CHECK(by_call == commands);
}

TEST_CASE("T9: the limit of a command, of a call and of a sandbox's life are three things") {
  client_fixture fixture;
  fixture.script().reply("POST /api/sandbox HTTP/1.1", 200, sandbox_json("started", R"(,"autoStopInterval":5)"));
  create_from_snapshot_params params;
  params.auto_stop_interval = 1440min;

  const auto sandbox = fixture.run(fixture.client().create(params)).value();

  CHECK(fixture.script().requests.at(0).find(R"("autoStopInterval":1440)") != std::string::npos);
  CHECK(sandbox.auto_stop_interval() == 5min);  // what the server made of it is what is shown
}

TEST_CASE("T7: times that no clock could hold count as very long ones, everywhere") {
  constexpr auto longest = std::chrono::milliseconds::max();
  auto settings = with_request_timeout(longest);
  settings.connect_timeout = settings.idle_timeout = settings.max_connection_age = longest;
  settings.retry.base_delay = settings.retry.max_delay = longest;
  client_fixture fixture{settings};
  fixture.script().reply("GET", 200, sandbox_json("started")).reply("GET", 200, sandbox_json("started"));
  fixture.script().reply("POST /api/sandbox/", 200, sandbox_json("starting"));
  fixture.script().reply("GET", 200, sandbox_json("started"));
  start_options options;
  options.timeout = longest;

  CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
  CHECK_FALSE(fixture.run(fixture.client().get("x")).failed());
  CHECK_FALSE(fixture.run(fixture.sandbox("stopped").start(options)).failed());

  CHECK(fixture.script().connections == 1);
}
