// Commands that are waited for, and commands as streams, against a scripted toolbox.
#include <doctest/doctest.h>

#include <algorithm>
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

const auto sessions = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/session"s;
const auto log_line = "GET " + sessions + "/s/command/c/logs?follow=true HTTP/1.1";
const auto command_line = "GET " + sessions + "/s/command/c HTTP/1.1";
const auto exec_session = sessions + "/exec-";
const std::string to_out = "\1\1\1", to_err = "\2\2\2";
constexpr auto running = R"({"id":"c","command":"make"})";
constexpr auto ended = R"({"id":"c","command":"make","exitCode":3})";

/// Starts a command whose log is `frames`.
void plan_start(script& plot, std::string frames, bool close_after) {
  plot.reply("POST " + sessions + " HTTP/1.1", 201, "{}");
  plot.reply("POST " + exec_session, 202, R"({"cmdId":"c"})");
  plot.upgrade("GET " + exec_session, std::move(frames), close_after);
}

bool was_asked(const script& plot, std::string_view beginning) {
  return std::any_of(plot.requests.begin(), plot.requests.end(),
                     [&](const std::string& request) { return request.starts_with(beginning); });
}

/// Cancels a read of a silent command; returns whether it was killed when that is told.
bool is_killed_by_cancelled_read(bool kill_on_cancel) {
  client_fixture fixture;
  plan_start(fixture.script(), "", false);
  if (kill_on_cancel) fixture.script().reply("DELETE " + exec_session, 200, "{}");
  exec_stream_options options;
  options.kill_on_cancel = kill_on_cancel;
  auto stream = fixture.run(fixture.sandbox().process().exec_stream("sleep 1000", options)).value();
  asio::cancellation_signal signal;
  std::optional<bool> killed;
  asio::co_spawn(fixture.io(), stream.next(),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure, auto) {
                   CHECK(failure);
                   killed = was_asked(fixture.script(), "DELETE " + exec_session);
                 }));
  fixture.settle();
  CHECK_FALSE(killed.has_value());

  signal.emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return killed.has_value(); });

  CHECK(fixture.elapsed() == 0s);
  return *killed;
}

}  // namespace

TEST_CASE("S3: an exit code is told when all output was handed out, though the server knows it before or after") {
  for (const bool knows_late : {false, true}) {
    client_fixture fixture;
    fixture.script().piece = 7;
    fixture.script().upgrade(
        log_line, binary_frame(to_out + "one\n") + binary_frame(to_err + "two\n" + to_out + "last") + close_frame(1000),
        true);
    if (knows_late) fixture.script().reply(command_line, 200, running);
    fixture.script().reply(command_line, 200, ended);
    std::string told;
    auto on_stdout = [&](std::string_view bytes) { told += bytes; };
    auto on_stderr = [&](std::string_view bytes) -> awaitable<void> {
      co_await asio::post(fixture.executor(), asio::use_awaitable);
      told += "!" + std::string(bytes);
    };
    wait_session_command_options options;
    options.on_stdout = on_stdout;
    options.on_stderr = on_stderr;

    const auto end = fixture.run(fixture.sandbox().process().wait_session_command("s", "c", options));

    CHECK(end.value().exit_code == 3);
    CHECK(told == "one\n!two\nlast");
  }
}

TEST_CASE("S3: an exit code that the server never tells is absent, after a while") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().upgrade(log_line, close_frame(1000), true);
  fixture.script().reply(command_line, 200, running);

  const auto end = fixture.run(fixture.sandbox().process().wait_session_command("s", "c"));

  CHECK_FALSE(end.value().exit_code);
  CHECK(fixture.elapsed() <= 5s);
  CHECK(fixture.elapsed() > 4s);
}

TEST_CASE("T10: a wait that is too short is a timeout of its own, and the next one still gets the end") {
  client_fixture fixture;
  fixture.script().upgrade(log_line, binary_frame(to_out + "begun"));
  const auto process = fixture.sandbox().process();
  wait_session_command_options options;
  options.timeout = 1s;

  const auto early = fixture.run(process.wait_session_command("s", "c", options));

  CHECK(early.error().code() == errc::timeout);
  CHECK(fixture.elapsed() == 1s);
  fixture.script().upgrade(log_line, binary_frame(to_out + "begun") + close_frame(1000), true);
  fixture.script().reply(command_line, 200, ended);
  CHECK(fixture.run(process.wait_session_command("s", "c", options)).value().exit_code == 3);
}

TEST_CASE("a command as a stream has a session of its own, which goes with it") {
  client_fixture fixture;
  plan_start(fixture.script(), binary_frame(to_out + "a\n" + to_err + "b\n") + close_frame(1000), true);
  fixture.script().reply("POST " + exec_session, 200, "{}");
  fixture.script().reply("GET " + exec_session, 200, ended).reply("DELETE " + exec_session, 200, "{}");

  auto stream = fixture.run(fixture.sandbox().process().exec_stream("make")).value();

  CHECK(stream.command_id() == "c");
  CHECK_FALSE(fixture.run(stream.send_input("yes")).failed());
  CHECK(fixture.run(stream.next()).value()->bytes == "a\n");
  CHECK(fixture.run(stream.next()).value()->source == log_source::stderr_);
  CHECK_FALSE(fixture.run(stream.next()).value().has_value());
  CHECK(fixture.run(stream.wait()).value() == 3);
  const auto& requests = fixture.script().requests;
  CHECK(requests.at(0).ends_with(R"({"sessionId":")" + stream.session_id() + R"("})"));
  CHECK(requests.at(1).ends_with(R"({"command":"make","runAsync":true,"suppressInputEcho":true})"));
  CHECK(requests.back().starts_with("DELETE " + sessions + "/" + stream.session_id() + " "));
}

TEST_CASE("the directory and the variables of a command are set before it runs, whatever is in them") {
  client_fixture fixture;
  fixture.script().reply("POST " + sessions + " HTTP/1.1", 201, "{}");
  fixture.script().reply("POST " + exec_session, 200, R"({"cmdId":"p","exitCode":0})");
  fixture.script().reply("POST " + exec_session, 202, R"({"cmdId":"c"})");
  fixture.script().upgrade("GET " + exec_session, close_frame(1000), true);
  exec_stream_options options;
  options.cwd = "it's";
  options.env["A"] = "x y";

  CHECK_FALSE(fixture.run(fixture.sandbox().process().exec_stream("make", options)).failed());

  CHECK(fixture.script().requests.at(1).ends_with(
      R"x({"command":"cd -- 'it'\\''s' && export A='x y'","runAsync":false})x"));
}

TEST_CASE("a command that can't be started is told, and leaves no session") {
  client_fixture fixture;
  fixture.script().reply("POST " + sessions + " HTTP/1.1", 201, "{}");
  fixture.script().reply("POST " + exec_session, 200,
                         R"({"cmdId":"p","exitCode":1,"stdout":"","stderr":"cd: /nope: No such file or directory\n"})");
  fixture.script().reply("DELETE " + exec_session, 200, "{}");
  exec_stream_options options;
  options.cwd = "/nope";

  const auto end = fixture.run(fixture.sandbox().process().exec_stream("make", options));

  CHECK(end.error().code() == errc::bad_request);
  CHECK(std::string(end.error().what()).find("No such file or directory") != std::string::npos);
}

TEST_CASE("T4: a cancelled read kills its command before that is told, if it was asked to, else lets it run") {
  CHECK(is_killed_by_cancelled_read(true));
  CHECK_FALSE(is_killed_by_cancelled_read(false));
}

TEST_CASE("T4: a start that is cancelled leaves no session, wherever it was") {
  for (int step = 0; step < 3; ++step) {
    client_fixture fixture;
    auto& plot = fixture.script();
    if (step > 0) plot.reply("POST " + sessions + " HTTP/1.1", 201, "{}");
    if (step > 1) plot.reply("POST " + exec_session, 202, R"({"cmdId":"c"})");
    plot.hang(std::vector{"POST " + sessions + " HTTP/1.1", "POST " + exec_session, "GET " + exec_session}.at(
        static_cast<std::size_t>(step)));
    plot.reply("DELETE " + exec_session, 200, "{}");
    asio::cancellation_signal signal;
    std::optional<bool> removed;
    asio::co_spawn(fixture.io(), fixture.sandbox().process().exec_stream("sleep 1000"),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure, auto) {
                     CHECK(failure);
                     removed = plot.is_over();
                   }));
    fixture.settle();
    CHECK_FALSE(removed.has_value());

    signal.emit(asio::cancellation_type::terminal);
    fixture.run_until([&] { return removed.has_value(); });

    CHECK(*removed);
    CHECK(fixture.elapsed() == 0s);
  }
}

TEST_CASE("a command that was killed ends, and has no exit code to wait for") {
  client_fixture fixture;
  plan_start(fixture.script(), close_frame(1000), true);
  fixture.script().reply("DELETE " + exec_session, 200, "{}");
  fixture.script().reply("GET " + exec_session, 404, R"({"message":"not found"})");
  fixture.script().reply("GET /api/sandbox/", 200, sandbox_json("started"));
  auto stream = fixture.run(fixture.sandbox().process().exec_stream("sleep 1000")).value();

  CHECK_FALSE(fixture.run(stream.kill()).failed());

  const auto end = fixture.run(stream.wait());
  CHECK(end.error().code() == errc::session_ended);
  CHECK(end.is<gone_error>());
}

TEST_CASE(
    "S12: when too much waits to be read the server has to wait, or the stream ends with slow_consumer, as asked") {
  auto settings = client_fixture::default_config();
  settings.max_stream_buffer = 1000;
  for (const auto overflow : {stream_overflow::wait, stream_overflow::fail}) {
    client_fixture fixture{settings};
    fixture.script().piece = 500;
    std::string frames;
    for (int n = 0; n < 20; ++n) frames += binary_frame(std::string(200, 'x'));
    fixture.script().upgrade(log_line, frames + close_frame(1000), true);
    follow_options options;
    options.overflow = overflow;
    auto stream = fixture.run(fixture.sandbox().process().follow_session_command("s", "c", options)).value();
    fixture.settle();
    fixture.settle();

    std::size_t size = 0;
    const auto read_all = [](log_stream source, std::size_t& count) -> awaitable<void> {
      for (;;) {
        const auto chunk = co_await source.next();
        if (!chunk) co_return;
        count += chunk->bytes.size();
      }
    };
    const auto end = fixture.run(read_all(stream, size));

    if (overflow == stream_overflow::wait) {
      CHECK_FALSE(end.failed());
      CHECK(size == 4000);
    } else {
      CHECK(end.error().code() == errc::slow_consumer);
      CHECK(size >= 1000);
      CHECK(size < 2500);
    }
  }
}
