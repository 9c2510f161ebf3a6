// Followed logs under odd conditions: many at once, large frames, peers that fall silent.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"
#include "kit/web_socket_peer.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
using asio::awaitable;

namespace {

constexpr auto followed =
    "GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/session/many/command/c1/logs?follow=true HTTP/1.1";
const std::string marker = "\1\1\1";

struct consumption {
  std::size_t bytes = 0, largest = 0;
};

awaitable<void> consume(process target, consumption& all, follow_options options = follow_options()) {
  auto stream = co_await target.follow_session_command("many", "c1", options);
  for (;;) {
    const auto chunk = co_await stream.next();
    if (!chunk) co_return;
    all.bytes += chunk->bytes.size();
    all.largest = std::max(all.largest, chunk->bytes.size());
  }
}

}  // namespace

TEST_CASE("S17: five hundred logs opened at once all open, fifty at a time, and a short call does not wait for them") {
  constexpr std::size_t streams = 500, at_a_time = 50;
  auto settings = client_fixture::default_config();
  settings.max_connecting = at_a_time;
  client_fixture fixture{settings};
  auto& plot = fixture.script();
  plot.forgiving = true;
  plot.upgrade(followed, binary_frame(marker + "x") + close_frame(1000), true);
  plot.otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
  std::size_t in_handshake = 0, opened = 0, failed = 0;
  plot.on_step = [&](std::size_t) {
    in_handshake = std::max(in_handshake, plot.connections - std::min(plot.connections, plot.requests.size()));
    return step_action::proceed;
  };
  const auto target = fixture.sandbox().process();
  consumption all;
  std::optional<std::size_t> opened_before_call;
  for (std::size_t n = 0; n < streams; ++n)
    asio::co_spawn(fixture.io(), consume(target, all),
                   [&](std::exception_ptr failure) { ++(failure ? failed : opened); });
  asio::co_spawn(fixture.io(), fixture.client().get("x"), [&](std::exception_ptr failure, const sandbox&) {
    CHECK_FALSE(failure);
    opened_before_call = opened;
  });

  fixture.run_until([&] { return opened + failed == streams && opened_before_call.has_value(); });

  CHECK(failed == 0);
  CHECK(all.bytes == streams);
  CHECK(in_handshake <= at_a_time + 1);  // and the short call
  CHECK(*opened_before_call < streams / 2);
}

TEST_CASE("S11: a frame of 16 MiB comes through in parts, and takes no more memory than one of 4 KiB") {
  client_fixture fixture{client_fixture::default_config(), reached_by::tcp};
  constexpr std::size_t size = 16 * 1024 * 1024;
  fixture.script().upgrade(followed, binary_frame(marker + std::string(size, 'x')) + close_frame(1000), true);
  consumption all;

  const auto end = fixture.run(consume(fixture.sandbox().process(), all));

  CHECK_FALSE(end.failed());
  CHECK(all.bytes == size);
  CHECK(all.largest <= 512 * 1024);
}

TEST_CASE(
    "S7: a log whose way fell silent, pings included, is lost after three of them, and goes on over another one") {
  client_fixture fixture;
  auto& plot = fixture.script();
  plot.answers_pings = false;
  plot.upgrade(followed, binary_frame(marker + "abc"));
  plot.upgrade(followed, binary_frame(marker + "abcdef") + close_frame(1000), true);
  consumption all;

  const auto end = fixture.run(consume(fixture.sandbox().process(), all));

  CHECK_FALSE(end.failed());
  CHECK(all.bytes == 6);
  CHECK(fixture.elapsed() >= 60s);
  CHECK(fixture.elapsed() <= 80s);
}
