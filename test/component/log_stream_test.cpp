// Followed logs, against a scripted toolbox.
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

constexpr auto logs =
    "GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/session/build/command/c1/logs?follow=true HTTP/1.1";
const std::string out = "\1\1\1", err = "\2\2\2";

struct everything {
  std::string stdout_, stderr_;
  std::vector<std::string> chunks;
};

/// Reads to the end; what came before an error is kept too.
awaitable<void> read_all(log_stream stream, everything& all) {
  for (;;) {
    const auto chunk = co_await stream.next();
    if (!chunk) co_return;
    (chunk->source == log_source::stdout_ ? all.stdout_ : all.stderr_) += chunk->bytes;
    all.chunks.push_back(chunk->bytes);
  }
}

awaitable<void> follow(process target, everything& all, follow_options options = follow_options()) {
  auto stream = co_await target.follow_session_command("build", "c1", options);
  co_await read_all(stream, all);
}

follow_options without_resume() {
  follow_options options;
  options.resume = false;
  return options;
}

/// The log in frames of `size` bytes, and an orderly end.
std::string framed(std::string_view log, std::size_t size) {
  std::string frames;
  for (; !log.empty(); log.remove_prefix(std::min(size, log.size()))) frames += binary_frame(log.substr(0, size));
  return frames + close_frame(1000);
}

}  // namespace

TEST_CASE("S1, S4: a log that comes with the answer, in frames cut anywhere, is given out whole") {
  const auto log = out + "one\n" + err + "two\n" + out + "three\n";
  for (std::size_t frame = 1; frame <= log.size(); ++frame)
    for (const std::size_t piece : {0, 1, 7}) {
      client_fixture fixture;
      fixture.script().piece = piece;
      fixture.script().upgrade(logs, framed(log, frame), true);
      everything all;

      const auto end = fixture.run(follow(fixture.sandbox().process(), all));

      REQUIRE_FALSE(end.failed());
      CHECK(all.stdout_ == "one\nthree\n");
      CHECK(all.stderr_ == "two\n");
    }
}

TEST_CASE("S10: a byte is given out when it comes, not when its line or stream ends") {
  client_fixture fixture;
  fixture.script().upgrade(logs, binary_frame(out + "prompt> "));

  const auto end = fixture.run([](process target) -> awaitable<std::string> {
    auto stream = co_await target.follow_session_command("build", "c1");
    const auto chunk = co_await stream.next();
    co_return chunk->bytes;
  }(fixture.sandbox().process()));

  CHECK(end.value() == "prompt> ");
}

TEST_CASE("S2: an end without a goodbye, or with another code, is a lost connection that carries the code") {
  struct ending {
    std::string frames;
    std::optional<std::uint16_t> code;
  };
  for (const auto& one : std::vector<ending>{{"", std::nullopt},
                                             {close_frame(1001), 1001},
                                             {close_frame(1011, "read failed"), 1011},
                                             {close_frame(1013), 1013},
                                             {"\x88\x00"s, std::nullopt},
                                             {"\x82\x05"s + "ab", std::nullopt}}) {
    client_fixture fixture;
    fixture.script().upgrade(logs, binary_frame(out + "kept") + one.frames, true);
    everything all;

    const auto end = fixture.run(follow(fixture.sandbox().process(), all, without_resume()));

    CHECK(all.stdout_.starts_with("kept"));
    CHECK(end.error().code() == errc::connection_lost);
    CHECK(end.error().close_code() == one.code);
    CHECK(is_transient(end.error()));
  }
}

TEST_CASE("S12: a server that gives up on a slow consumer is told apart") {
  client_fixture fixture;
  fixture.script().upgrade(logs, close_frame(1008, "slow consumer"), true);
  everything all;

  const auto end = fixture.run(follow(fixture.sandbox().process(), all, without_resume()));

  CHECK(end.error().code() == errc::slow_consumer);
  CHECK(end.error().close_code() == 1008);
}

TEST_CASE("S8: a log that is cut at any byte goes on where it stopped, each byte exactly once") {
  const auto log = out + "one\n" + err + "two\n" + out + "th\1ree\n";
  const auto whole = framed(log, 5);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    client_fixture fixture;
    fixture.script().upgrade(logs, whole.substr(0, cut), true);
    fixture.script().upgrade(logs, whole, true);
    everything all;

    const auto end = fixture.run(follow(fixture.sandbox().process(), all));

    CAPTURE(cut);
    REQUIRE_FALSE(end.failed());
    CHECK(all.stdout_ == "one\nth\1ree\n");
    CHECK(all.stderr_ == "two\n");
  }
}

TEST_CASE("S8: only failures in a row use up the budget") {
  follow_options options;
  options.max_resumes = 2;
  const auto log = out + "abcdefgh";
  client_fixture fixture;
  for (std::size_t size = 4; size <= log.size(); ++size)
    fixture.script().upgrade(logs, binary_frame(log.substr(0, size)), true);  // each brings one byte more
  for (int n = 0; n < 2; ++n) fixture.script().upgrade(logs, binary_frame(log), true);
  everything all;

  const auto end = fixture.run(follow(fixture.sandbox().process(), all, options));

  CHECK(all.stdout_ == "abcdefgh");
  CHECK(end.error().code() == errc::connection_lost);
}

TEST_CASE("S8: a log that is shorter when it is opened anew is an error, not an end") {
  client_fixture fixture;
  fixture.script().upgrade(logs, binary_frame(out + "twelve bytes"), true);
  fixture.script().upgrade(logs, binary_frame(out + "new") + close_frame(1000), true);
  everything all;

  const auto end = fixture.run(follow(fixture.sandbox().process(), all));

  CHECK(end.error().code() == errc::invalid_response);
  CHECK(all.stdout_ == "twelve bytes");
}

TEST_CASE("S13: a read of a silent stream is cancelled at once, and the next one goes on") {
  client_fixture fixture;
  fixture.script().upgrade(logs, "");
  asio::cancellation_signal signal;
  const auto opened = fixture.run(fixture.sandbox().process().follow_session_command("build", "c1"));
  auto stream = opened.value();
  std::exception_ptr failure;
  asio::co_spawn(fixture.io(), stream.next(),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, auto) { failure = e; }));
  fixture.settle();
  CHECK_FALSE(failure);

  signal.emit(asio::cancellation_type::terminal);
  fixture.settle();

  REQUIRE(failure);
  CHECK_THROWS_AS(std::rethrow_exception(failure), daytona::error);
  CHECK(fixture.elapsed() == 0s);
  CHECK_FALSE(fixture.run(stream.close()).failed());
}

TEST_CASE("S15: a handshake that is refused is the error that the answer stands for, with its body") {
  struct refusal {
    unsigned status;
    std::string_view body;
    boost::system::error_code code;
  };
  for (const auto& one : std::vector<refusal>{
           {401, R"({"message":"no key"})", errc::authentication},
           {403, R"({"message":"not yours"})", errc::forbidden},
           {404, R"({"statusCode":404,"message":"not found: session not found","code":"NOT_FOUND"})", errc::not_found},
           {502, "<html>bad gateway</html>", errc::bad_gateway},
           {200, "<html>hello</html>", errc::protocol_violation}}) {
    client_fixture fixture;
    fixture.script().forgiving = true;
    fixture.script().reply(logs, one.status, one.body);
    fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };

    const auto end = fixture.run(fixture.sandbox().process().follow_session_command("build", "c1"));

    CAPTURE(one.status);
    CHECK(end.error().code() == one.code);
  }
}

TEST_CASE("T11: a stream that is silent for hours lives on, kept open by pings") {
  client_fixture fixture;
  fixture.script().upgrade(logs, binary_frame(out + "a"));
  const auto opened = fixture.run(fixture.sandbox().process().follow_session_command("build", "c1"));
  auto stream = opened.value();
  CHECK(fixture.run(stream.next()).value()->bytes == "a");

  fixture.run_until([&] { return fixture.elapsed() >= 2h; });

  CHECK(fixture.client().pool_figures().streams == 1);
}

TEST_CASE("a stream whose last handle is gone is closed, and counted no longer") {
  client_fixture fixture;
  fixture.script().upgrade(logs, "");
  {
    const auto opened = fixture.run(fixture.sandbox().process().follow_session_command("build", "c1"));
    CHECK(fixture.client().pool_figures().streams == 1);
  }

  fixture.settle();

  CHECK(fixture.client().pool_figures().streams == 0);
}

TEST_CASE("close ends a pending read without an error") {
  client_fixture fixture;
  fixture.script().upgrade(logs, binary_frame(out + "unread"));
  auto stream = fixture.run(fixture.sandbox().process().follow_session_command("build", "c1")).value();

  CHECK_FALSE(fixture.run(stream.close()).failed());

  CHECK_FALSE(fixture.run(stream.next()).value().has_value());
  CHECK(fixture.elapsed() == 0s);
}

TEST_CASE("closing the client ends its streams with client_closed") {
  client_fixture fixture;
  fixture.script().upgrade(logs, "");
  auto stream = fixture.run(fixture.sandbox().process().follow_session_command("build", "c1")).value();
  asio::post(fixture.executor(), [&] { fixture.client().close(); });

  const auto end = fixture.run(stream.next());

  CHECK(end.error().code() == errc::client_closed);
}

TEST_CASE("S19: handlers may suspend, and are waited for in order; one that throws ends the stream") {
  client_fixture fixture;
  const auto log = out + "a\n" + err + "b\n" + out + "c\n";
  fixture.script().upgrade(logs, framed(log, 6), true);
  std::string told;
  auto on_stdout = [&](std::string_view text) -> awaitable<void> {
    co_await asio::post(fixture.executor(), asio::use_awaitable);
    told += "<" + std::string(text) + ">";
  };
  auto on_stderr = [&](std::string_view text) { told += "!" + std::string(text); };

  const auto end =
      fixture.run(fixture.sandbox().process().get_session_command_logs_async("build", "c1", on_stdout, on_stderr));

  CHECK_FALSE(end.failed());
  CHECK(told == "<a\n>!b\n<c\n>");

  fixture.script().upgrade(logs, binary_frame(log));
  auto throwing = [](std::string_view) { throw std::range_error("enough"); };
  const auto thrown =
      fixture.run(fixture.sandbox().process().get_session_command_logs_async("build", "c1", throwing, on_stderr));
  CHECK(thrown.is<std::range_error>());
}
