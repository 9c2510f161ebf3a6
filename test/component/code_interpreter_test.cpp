// The code interpreter, against a scripted toolbox.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "kit/client_fixture.hpp"
#include "kit/web_socket_peer.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
using namespace std::string_literals;
using asio::awaitable;

namespace {

constexpr auto interpreter_prefix = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/interpreter";
const auto run_line = "GET "s + interpreter_prefix + "/execute HTTP/1.1";

std::string message(std::string_view type, std::string_view text) {
  return text_frame(R"({"type":")" + std::string(type) + R"(","text":")" + std::string(text) +
                    R"(","name":"","value":"","traceback":""})");
}
const auto value_error = text_frame(
    R"({"type":"error","text":"","name":"ValueError","value":"bad","traceback":"Traceback:\nValueError: bad\n"})");
const auto completed = message("control", "completed");
const auto interrupted = message("control", "interrupted");

/// Answers the first message of the client.
void answer(client_fixture& fixture, std::string frames) {
  fixture.script().upgrade(run_line, "");
  fixture.script().on_message = [frames](const std::string&) { return frames; };
}

}  // namespace

TEST_CASE("a program's output comes to the handlers and into the result") {
  client_fixture fixture;
  answer(fixture, message("stdout", "a\\n") + message("stderr", "careful\\n") + message("stdout", "b\\n") +
                      text_frame(R"({"type":"brand new"})") + completed + close_frame(1000));
  std::string told;
  auto on_stdout = [&](const output_message& output) { told += "o:" + output.output; };
  auto on_stderr = [&](const output_message& output) -> awaitable<void> {
    told += "e:" + std::string(std::string_view(output));
    co_return;
  };
  run_code_options options;
  options.on_stdout = on_stdout;
  options.on_stderr = on_stderr;
  options.envs["A"] = "1";

  const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("print('a')", options));

  CHECK(end.value().stdout_ == "a\nb\n");
  CHECK(end.value().stderr_ == "careful\n");
  CHECK_FALSE(end.value().error);
  CHECK(told == "o:a\ne:careful\no:b\n");
  CHECK(fixture.script().messages.at(0) == R"x({"code":"print('a')","timeout":600,"envs":{"A":"1"}})x");
}

TEST_CASE("S18: an event that is not known, or can't be read, is passed over, and ends no program") {
  client_fixture fixture;
  const auto odd = message("result", "4") + message("control", "paused") + text_frame("{") + text_frame("[]") +
                   text_frame(R"({"text":"of no type"})") + text_frame(R"({"type":7})") + text_frame("") +
                   text_frame(R"({"type":"stdout","text":"b\n","more":{"x":[1]}})");
  answer(fixture, message("stdout", "a\\n") + odd + message("stdout", "c\\n") + completed + close_frame(1000));

  const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("x"));

  CHECK(end.value().stdout_ == "a\nb\nc\n");
}

TEST_CASE("an exception is part of the result, also if the close frame overtakes the word of its end") {
  for (const auto& ending : {completed + close_frame(1000), close_frame(1000)}) {
    client_fixture fixture;
    answer(fixture, value_error + ending);
    std::string told;
    auto on_error = [&](const execution_error& e) { told = e.name + ": " + e.value; };
    run_code_options options;
    options.on_error = on_error;

    const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("raise", options));

    REQUIRE(end.value().error);
    CHECK(end.value().error->name == "ValueError");
    CHECK(end.value().error->traceback == "Traceback:\nValueError: bad\n");
    CHECK(told == "ValueError: bad");
  }
}

TEST_CASE("a program that outlived its timeout is a timeout of its own kind, with the output so far") {
  for (const auto& ending : {close_frame(4008), interrupted + close_frame(4008), interrupted + close_frame(1000)}) {
    client_fixture fixture;
    answer(fixture, message("stdout", "so far") + ending);
    run_code_options options;
    options.timeout = 1500ms;

    const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("while 1: pass", options));

    CHECK(end.error().code() == errc::process_execution_timeout);
    CHECK(end.is<timeout_error>());
    CHECK(end.error().details().stdout_ == "so far");
    CHECK(fixture.script().messages.at(0).find(R"("timeout":2)") != std::string::npos);
  }
}

TEST_CASE("I1: an end without the word of it is an error that carries the output so far") {
  struct ending {
    std::string frames;
    std::optional<std::uint16_t> code;
  };
  for (const auto& one : std::vector<ending>{{close_frame(1000), 1000},
                                             {close_frame(1001, "worker process ended"), 1001},
                                             {close_frame(1011), 1011},
                                             {"\x88\x00"s, std::nullopt}}) {
    client_fixture fixture;
    answer(fixture, message("stdout", "half") + one.frames);

    const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("x"));

    CHECK(end.error().code() == errc::connection_lost);
    CHECK(end.error().close_code() == one.code);
    CHECK(end.error().details().stdout_ == "half");
  }
}

TEST_CASE(
    "I1: an interrupt that is not said to be a timeout is none: its context was deleted, or its sandbox stopped") {
  struct ending {
    std::string frames;
    std::optional<std::uint16_t> code;
  };
  for (const auto& one : std::vector<ending>{{close_frame(1001, "worker process ended"), 1001},
                                             {close_frame(1001, "context shutdown"), 1001},
                                             {close_frame(1011), 1011},
                                             {"", std::nullopt}}) {
    client_fixture fixture;
    fixture.script().upgrade(run_line, message("stdout", "half") + interrupted + one.frames, true);

    const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("x"));

    CHECK(end.error().code() == errc::connection_lost);
    CHECK(end.error().close_code() == one.code);
    CHECK(end.error().details().stdout_ == "half");
  }
}

TEST_CASE("I1: what the server refuses is the caller's error, in its words") {
  client_fixture fixture;
  answer(fixture, close_frame(1008, "context not found: gone"));
  run_code_options options;
  options.context.emplace();
  options.context->id = "gone";

  const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("x", options));

  CHECK(end.is<bad_request_error>());
  CHECK(std::string(end.error().what()).find("context not found: gone") != std::string::npos);
  CHECK(fixture.script().messages.at(0).find(R"("contextId":"gone")") != std::string::npos);
}

TEST_CASE("I1: a program that is too large for the server is the caller's error, which says what to do") {
  client_fixture fixture;
  answer(fixture, close_frame(1009));

  const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("x = 'large'"));

  CHECK(end.error().code() == errc::bad_request);
  CHECK(end.error().close_code() == 1009);
  CHECK_FALSE(is_transient(end.error()));
  CHECK(end.error().message().find("upload it as a file") != std::string::npos);
}

TEST_CASE("S14: a program that is silent for long is waited for; only the server ends it") {
  client_fixture fixture;
  fixture.script().upgrade(run_line, "");
  run_code_options options;
  options.timeout = 0s;
  bool done = false;
  const auto interpreter = fixture.sandbox().code_interpreter();
  asio::cancellation_signal signal;
  asio::co_spawn(
      fixture.io(), interpreter.run_code("sleep", options),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, execution_result) { done = true; }));

  fixture.run_until([&] { return fixture.elapsed() >= 3h; });

  CHECK_FALSE(done);
  CHECK(fixture.script().messages.at(0).find(R"("timeout":0)") != std::string::npos);
  signal.emit(asio::cancellation_type::terminal);
  fixture.settle();
  CHECK(done);
}

TEST_CASE("the events of a program come as a stream") {
  client_fixture fixture;
  answer(fixture, message("stdout", "a") + value_error + completed + close_frame(1000));

  const auto kinds = fixture.run([](code_interpreter interpreter) -> awaitable<std::string> {
    auto stream = co_await interpreter.stream_code("x");
    std::string all;
    for (;;) {
      const auto event = co_await stream.next();
      if (!event) co_return all;
      all += event->kind == execution_event::type::error ? event->error.name : event->text;
      all += ";";
    }
  }(fixture.sandbox().code_interpreter()));

  CHECK(kinds.value() == "a;ValueError;");
}

TEST_CASE("I3: contexts are created with the language that is theirs, listed and deleted") {
  client_fixture fixture;
  constexpr auto context =
      R"({"id":"7d0e","cwd":"/srv","createdAt":"2025-03-04T05:06:07Z","active":true,"language":"python"})";
  const auto contexts = std::string(interpreter_prefix) + "/context";
  fixture.script().reply("POST " + contexts + " HTTP/1.1", 200, context);
  fixture.script().reply("GET " + contexts + " HTTP/1.1", 200, R"({"contexts":[)" + std::string(context) + "]}");
  fixture.script().reply("DELETE " + contexts + "/7d0e HTTP/1.1", 200, R"({"message":"Context deleted successfully"})");
  const auto interpreter = fixture.sandbox().code_interpreter();
  create_context_options options;
  options.cwd = "/srv";

  const auto made = fixture.run(interpreter.create_context(options)).value();
  CHECK(made.id == "7d0e");
  CHECK(fixture.script().requests.at(0).ends_with(R"({"cwd":"/srv","language":"python"})"));
  CHECK(fixture.run(interpreter.list_contexts()).value().size() == 1);
  CHECK_FALSE(fixture.run(interpreter.delete_context(made)).failed());
}

TEST_CASE("bad arguments are refused before anything is sent") {
  client_fixture fixture;
  const auto interpreter = fixture.sandbox().code_interpreter();
  CHECK_THROWS_AS(static_cast<void>(interpreter.run_code("")), bad_request_error);
  run_code_options negative;
  negative.timeout = -1s;
  CHECK_THROWS_AS(static_cast<void>(interpreter.run_code("x", negative)), bad_request_error);
  run_code_options names;
  names.envs["A B"] = "1";
  CHECK_THROWS_AS(static_cast<void>(interpreter.run_code("x", names)), bad_request_error);
  CHECK_THROWS_AS(static_cast<void>(interpreter.delete_context(interpreter_context())), bad_request_error);
}
