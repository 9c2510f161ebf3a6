// Programs that nobody waits for any longer: what becomes of their connections, and of contexts that were made for them.
#include <doctest/doctest.h>

#include <exception>
#include <optional>
#include <string>

#include "kit/client_fixture.hpp"
#include "kit/web_socket_peer.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
using namespace std::string_literals;
using asio::awaitable;

namespace {

const auto interpreter_path = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/interpreter"s;
const auto program_line = "GET " + interpreter_path + "/execute HTTP/1.1";
const auto unread = text_frame(R"({"type":"stdout","text":"unread","name":"","value":"","traceback":""})");
const auto context_path = interpreter_path + "/context";
constexpr auto own_context =
    R"({"id":"7d0e","cwd":"/srv","createdAt":"2025-03-04T05:06:07Z","active":true,"language":"python"})";

/// Runs a program in a context that it makes, and leaves none behind, also if it is cancelled: as users are to do it.
awaitable<void> run_in_own_context(code_interpreter interpreter) {
  run_code_options options;
  options.context = co_await interpreter.create_context();
  std::exception_ptr failure;
  try {
    co_await interpreter.run_code("while True: pass", options);
  } catch (const error&) {
    failure = std::current_exception();
  }
  const asio::disable_cancellation nothing;
  co_await asio::this_coro::reset_cancellation_state(nothing);
  co_await interpreter.delete_context(*options.context);
  if (failure) std::rethrow_exception(failure);
}

/// How such a run ends that is cancelled, and once more while it deletes its context.
std::exception_ptr end_of_cancelled_run(client_fixture& fixture) {
  fixture.script().reply("POST " + context_path + " HTTP/1.1", 200, own_context);
  fixture.script().upgrade(program_line, "");
  asio::cancellation_signal signal;
  std::optional<std::exception_ptr> end;
  asio::co_spawn(fixture.io(), run_in_own_context(fixture.sandbox().code_interpreter()),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure) { end = failure; }));
  fixture.settle();
  CHECK(fixture.script().messages.size() == 1);
  signal.emit(asio::cancellation_type::terminal);
  fixture.settle();
  signal.emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return end.has_value(); });
  return *end;
}

}  // namespace

TEST_CASE(
    "I2: a run that is cancelled says goodbye at once and asks for nothing more: its program and context live on") {
  client_fixture fixture;
  fixture.script().upgrade(program_line, unread);
  run_code_options options;
  options.context.emplace().id = "7d0e";
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  asio::co_spawn(
      fixture.io(), fixture.sandbox().code_interpreter().run_code("while True: pass", options),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, execution_result) { failure = e; }));
  fixture.settle();
  CHECK(fixture.client().pool_figures().streams == 1);

  signal.emit(asio::cancellation_type::terminal);
  fixture.settle();

  REQUIRE(failure);
  CHECK_THROWS_AS(std::rethrow_exception(failure), daytona::error);
  CHECK(fixture.elapsed() == 0s);
  CHECK(fixture.client().pool_figures().streams == 0);
  CHECK(fixture.script().open == 0);
  CHECK(fixture.script().requests.size() == 1);
}

TEST_CASE("I2: the last handle of a program's events takes their connection along at once, also with events unread") {
  for (const auto& said : {""s, unread, unread + "\x81\x7E\x01"}) {
    client_fixture fixture;
    fixture.script().upgrade(program_line, said);
    {
      auto program = fixture.run(fixture.sandbox().code_interpreter().stream_code("while True: pass")).value();
      const auto copy = program;
      program = execution_stream();
      fixture.settle();
      CHECK(fixture.client().pool_figures().streams == 1);
    }

    fixture.settle();

    CHECK(fixture.client().pool_figures().streams == 0);
    CHECK(fixture.script().open == 0);
    CHECK(fixture.elapsed() == 0s);
  }
}

TEST_CASE("I2: who is cancelled while a program runs in a context of its own can still delete it, and none is left") {
  client_fixture fixture;
  const auto gone = "DELETE " + context_path + "/7d0e HTTP/1.1";
  fixture.script().on_message = [&](const std::string&) {
    fixture.script().reply(gone, 200, R"({"message":"Context deleted successfully"})");
    return std::string();
  };

  const auto end = end_of_cancelled_run(fixture);

  REQUIRE(end);
  CHECK_THROWS_AS(std::rethrow_exception(end), daytona::error);
  CHECK(fixture.script().requests.back().starts_with(gone));
  CHECK(fixture.elapsed() == 0s);
  CHECK(fixture.script().open <= 1);  // one that waits for the next call
}

TEST_CASE("I2: a deletion that is never answered holds up who was cancelled for a request's time, and no longer") {
  client_fixture fixture;
  fixture.script().on_message = [&](const std::string&) {
    fixture.script().hang("DELETE " + context_path + "/7d0e HTTP/1.1");
    return std::string();
  };

  const auto end = end_of_cancelled_run(fixture);

  REQUIRE(end);
  CHECK_THROWS_AS(std::rethrow_exception(end), timeout_error);
  CHECK(fixture.elapsed() == 60s);
}
