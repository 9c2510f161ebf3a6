// Sessions, against a scripted toolbox.
#include <doctest/doctest.h>

#include <string>

#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string session_line(std::string_view verb, std::string_view path) {
  return std::string(verb) + " /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/session" + std::string(path) +
         " HTTP/1.1";
}

session_execute_request make(std::string command) {
  session_execute_request request;
  request.command = std::move(command);
  return request;
}

}  // namespace

TEST_CASE("a session is created, listed, read and deleted") {
  client_fixture fixture;
  fixture.script().reply_bytes(session_line("POST", ""), "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  fixture.script().reply(session_line("GET", ""), 200,
                         R"([{"sessionId":"build","commands":[]},{"sessionId":"b","commands":null}])");
  fixture.script().reply(
      session_line("GET", "/build"), 200,
      R"({"sessionId":"build","commands":[{"id":"c1","command":"make","exitCode":2},{"id":"c2","command":"x"}]})");
  fixture.script().reply_bytes(session_line("DELETE", "/build"), "HTTP/1.1 204 No Content\r\n\r\n");
  const auto process = fixture.sandbox().process();

  CHECK_FALSE(fixture.run(process.create_session("build")).failed());
  CHECK(fixture.script().requests.at(0).ends_with(R"({"sessionId":"build"})"));
  CHECK(fixture.run(process.list_sessions()).value().size() == 2);
  const auto read = fixture.run(process.get_session("build")).value();
  REQUIRE(read.commands.size() == 2);
  CHECK(read.commands[0].exit_code == 2);
  CHECK_FALSE(fixture.run(process.delete_session("build")).failed());
}

TEST_CASE("P10: a command without an exit code is one that runs, not one that ended with 0") {
  client_fixture fixture;
  fixture.script().reply(session_line("GET", "/s/command/c"), 200, R"({"id":"c","command":"sleep 9"})");
  fixture.script().reply(session_line("GET", "/s/command/c"), 200, R"({"id":"c","command":"sleep 9","exitCode":null})");
  fixture.script().reply(session_line("POST", "/s/exec"), 202,
                         R"({"cmdId":"c","output":null,"stdout":null,"stderr":null,"exitCode":null})");
  const auto process = fixture.sandbox().process();

  CHECK_FALSE(fixture.run(process.get_session_command("s", "c")).value().exit_code);
  CHECK_FALSE(fixture.run(process.get_session_command("s", "c")).value().exit_code);
  const auto started = fixture.run(process.execute_session_command("s", make("sleep 9"))).value();
  CHECK(started.cmd_id == "c");
  CHECK_FALSE(started.exit_code);
  CHECK_FALSE(started.stdout_);
}

TEST_CASE("the output of a command is taken apart where the server did not do it") {
  client_fixture fixture;
  fixture.script().reply(
      session_line("POST", "/s/exec"), 200,
      R"({"cmdId":"c","output":"\u0001\u0001\u0001a\n\u0002\u0002\u0002b\n","stdout":null,"stderr":null,"exitCode":0})");
  fixture.script().reply(session_line("POST", "/s/exec"), 200,
                         R"({"cmdId":"c","output":"x","stdout":"a\n","stderr":"","exitCode":0})");
  const auto process = fixture.sandbox().process();

  const auto taken = fixture.run(process.execute_session_command("s", make("x"))).value();
  CHECK(taken.stdout_ == "a\n");
  CHECK(taken.stderr_ == "b\n");
  CHECK(fixture.run(process.execute_session_command("s", make("x"))).value().stdout_ == "a\n");
}

TEST_CASE("logs are read in both forms that servers give them") {
  client_fixture fixture;
  fixture.script().reply(session_line("GET", "/s/command/c/logs"), 200,
                         R"({"output":"\u0001\u0001\u0001a\n","stdout":"a\n","stderr":""})");
  fixture.script().reply_bytes(
      session_line("GET", "/s/command/c/logs"),
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n\r\n"
      "\1\1\1a\n\2\2\2b\n"s);
  const auto process = fixture.sandbox().process();

  CHECK(fixture.run(process.get_session_command_logs("s", "c")).value().stdout_ == "a\n");
  const auto text = fixture.run(process.get_session_command_logs("s", "c")).value();
  CHECK(text.stdout_ == "a\n");
  CHECK(text.stderr_ == "b\n");
}

TEST_CASE("input goes to the command; one that has ended is told apart") {
  client_fixture fixture;
  fixture.script().reply_bytes(session_line("POST", "/s/command/c/input"), "HTTP/1.1 204 No Content\r\n\r\n");
  fixture.script().reply(
      session_line("POST", "/s/command/c/input"), 410,
      R"({"statusCode":410,"message":"gone: it is over","code":"COMMAND_ALREADY_COMPLETED","source":"DAYTONA_DAEMON"})");
  const auto process = fixture.sandbox().process();

  CHECK_FALSE(fixture.run(process.send_session_command_input("s", "c", "yes")).failed());
  CHECK(fixture.script().requests.at(0).ends_with(R"({"data":"yes"})"));
  const auto late = fixture.run(process.send_session_command_input("s", "c", "yes"));
  CHECK(late.error().code() == errc::command_already_completed);
  CHECK(late.is<gone_error>());
}

TEST_CASE("what is unknown is not found, in the server's words, whichever of it was asked for") {
  constexpr auto unknown =
      R"({"statusCode":404,"message":"not found: no such thing","code":"NOT_FOUND","source":"DAYTONA_DAEMON"})";
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [&](const std::string& request) {
    return request.starts_with("GET /api/") ? http_answer(200, sandbox_json("started")) : http_answer(404, unknown);
  };
  const auto process = fixture.sandbox().process();
  const auto check = [](const auto& end) {
    CHECK(end.error().code() == errc::not_found);
    CHECK(std::string(end.error().what()).find("no such thing") != std::string::npos);
  };

  check(fixture.run(process.get_session("s")));
  check(fixture.run(process.execute_session_command("s", make("x"))));
  check(fixture.run(process.get_session_command("s", "c")));
  check(fixture.run(process.get_session_command_logs("s", "c")));
  check(fixture.run(process.follow_session_command("s", "c")));
  check(fixture.run(process.send_session_command_input("s", "c", "x")));
  check(fixture.run(process.delete_session("s")));
}

TEST_CASE("P2: a command of a session whose shell has ended is told so, as servers of each generation tell it") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
  fixture.script().reply(
      session_line("POST", "/s/exec"), 410,
      R"({"statusCode":410,"message":"gone: the shell has ended","code":"SESSION_ENDED","source":"DAYTONA_DAEMON"})");
  fixture.script().reply(
      session_line("POST", "/s/exec"), 500,
      R"({"error":"failed to execute command: bad request: failed to write command: write |1: broken pipe"})");
  const auto process = fixture.sandbox().process();

  const auto ended = fixture.run(process.execute_session_command("s", make("x")));
  const auto broken = fixture.run(process.execute_session_command("s", make("x")));

  CHECK(ended.error().code() == errc::session_ended);
  CHECK(ended.is<gone_error>());
  CHECK(broken.error().code() == errc::internal_server_error);
  CHECK(std::string(broken.error().what()).find("broken pipe") != std::string::npos);
}

TEST_CASE("P2, P3: a command that never comes to its end, or waits behind one that does not, ends at its deadline") {
  client_fixture fixture;
  fixture.script().hang(session_line("POST", "/s/exec")).hang(session_line("POST", "/s/exec"));
  const auto process = fixture.sandbox().process();
  session_command_options options;
  options.timeout = 30s;
  int timed_out = 0;
  const auto count = [&](std::exception_ptr failure, const session_execute_response&) {
    try {
      std::rethrow_exception(failure);
    } catch (const timeout_error& e) {
      timed_out += e.code() == errc::timeout && e.phase() == phase::headers;
    }
  };

  for (const auto* const command : {"exit 3", "echo second"})
    asio::co_spawn(fixture.io(), process.execute_session_command("s", make(command), options), count);
  fixture.run_until([&] { return timed_out == 2; });

  CHECK(fixture.elapsed() >= 30s);
  CHECK(fixture.elapsed() <= 35s);
}

TEST_CASE(
    "ids that would leave their place in the path, and texts that are none, are refused before anything is sent") {
  client_fixture fixture;
  const auto process = fixture.sandbox().process();
  const auto is_refused = [](auto call) {
    try {
      call();
      return false;
    } catch (const bad_request_error& e) {
      return e.code() == errc::invalid_argument;
    }
  };
  for (const std::string id : {"", ".", "..", "a/b", "a\nb"}) {
    CAPTURE(id);
    CHECK(is_refused([&] { static_cast<void>(process.create_session(id)); }));
    CHECK(is_refused([&] { static_cast<void>(process.get_session(id)); }));
    CHECK(is_refused([&] { static_cast<void>(process.delete_session(id)); }));
    CHECK(is_refused([&] { static_cast<void>(process.get_session_command("s", id)); }));
    CHECK(is_refused([&] { static_cast<void>(process.follow_session_command(id, "c")); }));
  }
  CHECK(is_refused([&] { static_cast<void>(process.execute_session_command("s", make(" \n"))); }));
  CHECK(is_refused([&] { static_cast<void>(process.send_session_command_input("s", "c", "")); }));
  CHECK(is_refused([&] { static_cast<void>(process.send_session_command_input("s", "c", "\xFF")); }));
  CHECK(is_refused([&] { static_cast<void>(process.execute_session_command("s", make("echo \xFF"))); }));
}
