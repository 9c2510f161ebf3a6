// What no server should say to a log, a terminal or a program that is followed, and what each makes of it.
#include <doctest/doctest.h>

#include <functional>
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

const auto process_target = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process"s;

/// A way to hear a server: what is asked for, and how it says that something was put out.
struct hearing {
  std::string request;
  std::string greeting;
  std::function<std::string(std::string_view)> put_out;
  awaitable<void> (*follow)(sandbox target, std::string& heard);
};

awaitable<void> follow_log(sandbox target, std::string& heard) {
  follow_options options;
  options.resume = false;
  auto stream = co_await target.process().follow_session_command("s", "c", options);
  for (;;) {
    const auto chunk = co_await stream.next();
    if (!chunk) co_return;
    heard += chunk->bytes;
  }
}

awaitable<void> follow_terminal(sandbox target, std::string& heard) {
  auto stream = co_await target.process().connect_pty_session("t");
  for (;;) {
    const auto output = co_await stream.next();
    if (!output) co_return;
    heard += *output;
  }
}

awaitable<void> follow_program(sandbox target, std::string& heard) {
  auto stream = co_await target.code_interpreter().stream_code("x");
  for (;;) {
    const auto event = co_await stream.next();
    if (!event) co_return;
    heard += event->text;
  }
}

std::string log_frame(std::string_view text) { return binary_frame("\1\1\1" + std::string(text)); }
std::string event_frame(std::string_view text) {
  return text_frame(R"({"type":"stdout","text":")" + std::string(text) + R"(","name":"","value":"","traceback":""})");
}

const std::vector<hearing>& hearings() {
  static const std::vector<hearing> all{
      {"GET " + process_target + "/session/s/command/c/logs?follow=true HTTP/1.1", "", log_frame, follow_log},
      {"GET " + process_target + "/pty/t/connect HTTP/1.1", text_frame(R"({"type":"control","status":"connected"})"),
       binary_frame, follow_terminal},
      {"GET " + process_target + "/interpreter/execute HTTP/1.1", "", event_frame, follow_program}};
  return all;
}

/// Follows what says `frames` behind its greeting, and leaves.
outcome<void> heard_of(const hearing& one, const std::string& frames, std::string& heard,
                       config settings = client_fixture::default_config()) {
  client_fixture fixture{std::move(settings)};
  fixture.script().upgrade(one.request, one.greeting + frames, true);
  return fixture.run(one.follow(fixture.sandbox(), heard));
}

}  // namespace

TEST_CASE("S15: a WebSocket that is refused is the error that the answer stands for, whatever is to be followed") {
  struct refusal {
    unsigned status;
    std::string_view body;
    boost::system::error_code code;
  };
  for (const auto& one : hearings())
    for (const auto& how : std::vector<refusal>{{401, R"({"message":"no key"})", errc::authentication},
                                                {404, R"({"message":"no such thing"})", errc::not_found},
                                                {502, "<html><h1>Bad Gateway</h1></html>", errc::bad_gateway},
                                                {200, "<html>log in</html>", errc::protocol_violation},
                                                {400, "Bad Request\n", errc::bad_request}}) {
      client_fixture fixture;
      fixture.script().forgiving = true;
      fixture.script().reply(one.request, how.status, how.body);
      fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
      std::string heard;

      const auto end = fixture.run(one.follow(fixture.sandbox(), heard));

      CAPTURE(one.request);
      CAPTURE(how.status);
      CHECK(end.error().code() == how.code);
      if (how.status != 200) CHECK(end.error().http_status() == how.status);
      CHECK(heard.empty());
    }
}

TEST_CASE("S2: a server that vanishes in the middle of a frame is lost, wherever that was, and nothing before it is") {
  for (const auto& one : hearings()) {
    const auto next = one.put_out("never whole");
    for (std::size_t cut = 0; cut < next.size(); ++cut) {
      std::string heard;

      const auto end = heard_of(one, one.put_out("kept") + next.substr(0, cut), heard);

      CAPTURE(one.request);
      CAPTURE(cut);
      CHECK(end.error().code() == errc::connection_lost);
      CHECK_FALSE(end.error().close_code());
      CHECK(heard.starts_with("kept"));
    }
  }
}

TEST_CASE("a message above the limit ends a stream with response_too_large, behind all that had come before it") {
  auto settings = client_fixture::default_config();
  settings.max_web_socket_message = 200;
  for (const auto& one : hearings()) {
    std::string heard;

    const auto end = heard_of(one, one.put_out("kept") + one.put_out(std::string(201, 'x')), heard, settings);

    CAPTURE(one.request);
    CHECK(end.error().code() == errc::response_too_large);
    CHECK(heard == "kept");
  }
}

TEST_CASE("S20: frames that no WebSocket has end a stream with protocol_violation, behind all that had come before") {
  for (const auto& one : hearings())
    for (const auto& wrong :
         {"\x83\x00"s, "\xC2\x00"s, "\x82\x80\1\2\3\4"s, "\x80\x00"s, "\x09\x00"s, "\x88\x01\x03"s}) {
      std::string heard;

      const auto end = heard_of(one, one.put_out("kept") + wrong, heard);

      CAPTURE(one.request);
      CHECK(end.error().code() == errc::protocol_violation);
      CHECK(heard == "kept");
    }
}

TEST_CASE("S9: what is no UTF-8 is given out as it came, also in text frames, and ends nothing") {
  for (const auto& one : hearings()) {
    const bool is_log = one.follow == follow_log;
    const std::string odd = "a\xFF\xC3(";
    const auto in_text = is_log ? text_frame("\1\1\1" + odd) : one.follow == follow_terminal ? text_frame(odd) : "";
    const auto ended = one.follow == follow_program ? text_frame(R"({"type":"control","text":"completed"})") : "";
    std::string heard;

    const auto end = heard_of(one, one.put_out(odd) + in_text + ended + close_frame(1000), heard);

    CAPTURE(one.request);
    CHECK_FALSE(end.failed());
    CHECK(heard == (in_text.empty() ? odd : odd + odd));
  }
}
