#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>

#include "kit/request_lines.hpp"
#include "operations.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// Of an operation that names no other deadline: unlike those that do, so that each can be told from the others.
constexpr auto of_a_request = 20s;
constexpr auto of_a_change = 60s;
constexpr auto of_a_command = 15s;  // its own ten, and five for the answer
/// For the sandbox of a failed create, and that of `with_sandbox`.
constexpr auto clean_up = 10s;
/// A question that explains an error has a bound of its own; without an answer to it the error stands as it is.
constexpr auto explanation = 5s;

std::chrono::seconds deadline_of(const std::string& name) {
  static constexpr std::array changes{"client::create",
                                      "client::start",
                                      "client::stop",
                                      "client::remove",
                                      "sandbox::start",
                                      "sandbox::stop",
                                      "sandbox::remove",
                                      "sandbox::wait_for_sandbox_start",
                                      "sandbox::wait_for_sandbox_stop",
                                      "with_sandbox"};
  static constexpr std::array commands{"process::exec", "process::code_run"};
  const auto member = name.substr(0, name.find(','));
  if (std::ranges::count(changes, member) > 0) return of_a_change;
  return std::ranges::count(commands, member) > 0 ? of_a_command : of_a_request;
}

/// A stream that is open has no deadline: it is lost once nothing was heard for three of its pings.
constexpr auto between_pings = 7s;
constexpr auto longest_silence = 3 * between_pings;
/// For the session of a command that was not started, or that is to end with its stream.
constexpr auto clean_up_of_a_session = 5s;

config settings_of_a_run() {
  auto settings = client_fixture::default_config();
  settings.request_timeout = of_a_request;
  settings.ping_interval = between_pings;
  // Nothing but the deadline ends the silence: else the next attempt, in silence from its beginning, would be told of.
  settings.connect_timeout = 0s;
  return settings;
}

struct silent_run {
  std::size_t steps = 0;
  outcome<void> end;
  std::chrono::nanoseconds silent_since{};
  std::chrono::nanoseconds took{};
  bool asked_to_create = false;
  std::size_t requests = 0;
};

bool is_to_create(const std::string& request) { return request.starts_with(create_line); }

/// Lets whoever takes `step` fall silent, and everyone after it.
silent_run run_silent(const public_operation& operation, std::size_t step, reached_by way) {
  client_fixture fixture{settings_of_a_run(), way};
  operation.what.plan(fixture.script());
  fixture.script().forgiving = true;
  silent_run run;
  fixture.script().on_step = [&](std::size_t now) {
    if (now == step) run.silent_since = fixture.elapsed();
    return now >= step ? step_action::hang : step_action::proceed;
  };
  auto work = operation.what.call(fixture);
  run.end = fixture.run(std::move(work));
  run.took = fixture.elapsed();
  run.steps = fixture.script().steps;
  run.requests = fixture.script().requests.size();
  run.asked_to_create = std::ranges::any_of(fixture.script().requests, is_to_create);
  const auto pool = fixture.pool();
  CHECK(pool.connections == pool.idle);
  CHECK(pool.waiting + pool.connecting == 0);
  return run;
}

/// When it must have ended, to the nanosecond.
std::chrono::nanoseconds end_of(const silent_run& run, const std::string& name) {
  if (!run.end.failed()) return run.silent_since + explanation;
  const auto error = run.end.error();
  const bool has_body = name == "with_sandbox";
  if (has_body && error.operation() == "remove sandbox") return run.silent_since + clean_up;
  if (has_body && error.operation() == "execute command") return run.silent_since + of_a_command + clean_up;
  const bool may_have_created = run.asked_to_create || error.details().request_sent;
  const bool creates = has_body || name.starts_with("client::create");
  return deadline_of(name) + (creates && may_have_created ? clean_up : 0s);
}

void check_silence(const silent_run& run, const std::string& name) {
  const std::string how = run.end.failed() ? run.end.error().message() : "it succeeded";
  INFO(how);
  CHECK(run.took.count() == end_of(run, name).count());
  if (!run.end.failed()) return;
  CHECK(run.end.error().code() == errc::timeout);
  CHECK(run.end.error().phase() != phase::none);
}

/// The phases in which the operations ended.
std::set<phase> check_silence_of(const std::vector<public_operation>& operations, reached_by way) {
  std::set<phase> seen;
  for (const auto& operation : operations) {
    INFO(operation.name);
    const auto whole = run_silent(operation, std::size_t(-1), way);
    REQUIRE_MESSAGE(!whole.end.failed(), "it fails undisturbed");
    for (std::size_t step = 0; step < whole.steps; ++step) {
      INFO("silent from step ", step);
      const auto run = run_silent(operation, step, way);
      check_silence(run, operation.name);
      if (run.end.failed()) seen.insert(run.end.error().phase());
    }
  }
  return seen;
}

/// What a stream that was lost is waited for at a server that says nothing: five attempts to resume it, each of which has a request's time, and pauses.
constexpr std::chrono::milliseconds resumption = longest_silence + 5 * of_a_request + 1500ms;
/// For the peer's goodbye.
constexpr auto farewell = 5s;

/// Whether the start of a streamed command was under way and had made its session: four requests, the last for the stream.
bool had_begun_to_start(const silent_run& run, const error& end) {
  return end.operation() == "stream command" && run.requests > 0 && (run.requests < 4 || end.phase() == phase::upgrade);
}

/// The ends of a course that was disturbed, to the nanosecond.
std::set<std::chrono::nanoseconds> ends_of_stream(const silent_run& run, const std::string& name) {
  if (!run.end.failed()) return {run.silent_since + farewell};
  const auto error = run.end.error();
  if (error.code() == errc::connection_lost) return {run.silent_since + longest_silence};
  if (name == "process_sessions::execute_session_command") return {of_a_command};
  if (had_begun_to_start(run, error)) return {of_a_request + clean_up_of_a_session};
  std::set<std::chrono::nanoseconds> ends{of_a_request};
  if (error.phase() == phase::connect && run.requests > 0) ends.insert(resumption);  // of a log; a call may follow it
  return ends;
}

void check_silent_stream(const silent_run& run, const std::string& name) {
  const std::string how = run.end.failed() ? run.end.error().message() : "it succeeded";
  INFO(how, ", after ", run.took.count());
  CHECK(ends_of_stream(run, name).contains(run.took));
  if (!run.end.failed() || run.end.error().code() == errc::connection_lost) return;
  CHECK(run.end.error().code() == errc::timeout);
  CHECK(run.end.error().phase() != phase::none);
}

/// Whether an operation of streams needs nothing but a stream, which has no place in the pool of calls.
bool is_stream_alone(const std::string& name) {
  static constexpr std::array streams{"process_sessions::follow_session_command",
                                      "process_sessions::get_session_command_logs_async",
                                      "process_sessions::follow_entrypoint",
                                      "process_sessions::get_entrypoint_logs_async",
                                      "log_stream::next",
                                      "log_stream::close",
                                      "process::create_pty_session",
                                      "process::connect_pty_session",
                                      "pty_handle::wait_for_connection",
                                      "pty_handle::next",
                                      "pty_handle::read",
                                      "pty_handle::wait",
                                      "pty_handle::send_input",
                                      "pty_handle::disconnect",
                                      "code_interpreter::run_code",
                                      "code_interpreter::stream_code",
                                      "execution_stream::next"};
  return std::ranges::count(streams, name) > 0;
}

/// Runs an operation while another call has the only connection.
void run_with_full_pool(const public_operation& operation,
                        const std::function<void(client_fixture&, outcome<void>)>& check) {
  auto settings = settings_of_a_run();
  settings.max_connections_per_origin = 1;
  client_fixture fixture{settings};
  fixture.script().hang(execute_line);
  operation.what.plan(fixture.script());
  fixture.script().forgiving = true;
  asio::cancellation_signal signal;
  bool let_go = false;
  const auto held = [&](std::exception_ptr, execute_response) { let_go = true; };
  asio::co_spawn(fixture.io(), fixture.sandbox().process().exec("sleep 1d"),
                 asio::bind_cancellation_slot(signal.slot(), held));
  fixture.settle();
  auto work = operation.what.call(fixture);

  auto end = fixture.run(std::move(work));

  check(fixture, std::move(end));
  CHECK(fixture.pool().waiting == 0);
  signal.emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return let_go; });
}

}  // namespace

TEST_CASE("T2: every public call ends at its deadline if its peer falls silent at any step, and names the phase") {
  const auto seen = check_silence_of(public_operations(), reached_by::memory);

  for (const auto where : {phase::connect, phase::send, phase::headers})
    CHECK_MESSAGE(seen.contains(where), to_string(where));
}

TEST_CASE("T2: every public call ends at its deadline whoever falls silent on its way, and names the phase") {
  const auto seen = check_silence_of(public_operations(), reached_by::tls_by_tls_proxy);

  for (const auto where : {phase::resolve, phase::proxy, phase::tls, phase::headers, phase::body})
    CHECK_MESSAGE(seen.contains(where), to_string(where));
}

TEST_CASE(
    "T2: every operation on files ends at its deadline, one for all folders that it asks for, if its peer falls "
    "silent at any step") {
  const auto seen = check_silence_of(file_operations(), reached_by::memory);

  for (const auto where : {phase::connect, phase::send, phase::headers})
    CHECK_MESSAGE(seen.contains(where), to_string(where));
}

TEST_CASE("T2: every public call ends at its deadline if no connection becomes free for it, and names the phase") {
  auto operations = public_operations();
  operations.insert(operations.end(), file_operations().begin(), file_operations().end());
  for (const auto& operation : operations) {
    INFO(operation.name);
    run_with_full_pool(operation, [&](client_fixture& fixture, const outcome<void>& end) {
      CHECK(end.error().code() == errc::timeout);
      CHECK(end.error().phase() == phase::waiting_for_connection);
      CHECK_FALSE(end.error().details().request_sent);
      CHECK(fixture.elapsed().count() == std::chrono::nanoseconds{deadline_of(operation.name)}.count());
      CHECK(fixture.script().requests.size() == 1);
    });
  }
}

TEST_CASE(
    "T2: every operation of streams ends at its deadline, and an open stream once it was silent for too long, if its "
    "peer "
    "falls silent at any step") {
  std::set<phase> seen;
  std::set<std::chrono::nanoseconds> ends;
  for (const auto& operation : stream_operations()) {
    INFO(operation.name);
    const auto whole = run_silent(operation, std::size_t(-1), reached_by::memory);
    REQUIRE_MESSAGE(!whole.end.failed(), "it fails undisturbed");
    for (std::size_t step = 0; step < whole.steps; ++step) {
      INFO("silent from step ", step);
      const auto run = run_silent(operation, step, reached_by::memory);
      check_silent_stream(run, operation.name);
      ends.insert(run.took);
      if (run.end.failed()) seen.insert(run.end.error().phase());
    }
  }

  for (const auto where : {phase::connect, phase::send, phase::headers, phase::body, phase::upgrade})
    CHECK_MESSAGE(seen.contains(where), to_string(where));
  CHECK(ends == std::set<std::chrono::nanoseconds>{farewell, of_a_command, of_a_request, longest_silence,
                                                   of_a_request + clean_up_of_a_session, resumption});
}

TEST_CASE(
    "T2, S17: with no connection free an operation of streams ends at its deadline if it needs one for a call, and a "
    "stream alone is opened at once") {
  for (const auto& operation : stream_operations()) {
    INFO(operation.name);
    const auto limit = operation.name == "process_sessions::execute_session_command" ? of_a_command : of_a_request;
    run_with_full_pool(operation, [&](client_fixture& fixture, const outcome<void>& end) {
      if (is_stream_alone(operation.name)) {
        CHECK_FALSE(end.failed());
        CHECK(fixture.elapsed().count() == 0);
        return;
      }
      REQUIRE(end.failed());
      CHECK(end.error().code() == errc::timeout);
      CHECK(end.error().phase() == phase::waiting_for_connection);
      CHECK(fixture.elapsed().count() == std::chrono::nanoseconds{limit}.count());
    });
  }
}
