#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/tcp_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

server_options mute() {
  server_options options;
  options.mute = true;
  return options;
}

/// Gets `count` sandboxes, and then asks for their data again, `rounds` times each. Tells how many descriptors were open after each round.
asio::awaitable<std::vector<std::size_t>> visit(daytona::client client, std::size_t count, std::size_t rounds) {
  std::vector<daytona::sandbox> all;
  std::vector<std::size_t> descriptors;
  for (std::size_t n = 0; n < count; ++n) {
    auto one = co_await client.get(fmt::format("s{}", n));
    all.push_back(std::move(one));
  }
  descriptors.push_back(open_descriptors());
  for (std::size_t round = 1; round < rounds; ++round) {
    for (const auto& one : all) co_await one.refresh_data();
    descriptors.push_back(open_descriptors());
  }
  co_return descriptors;
}

}  // namespace

TEST_CASE("calls run over real sockets, one after the other on one connection") {
  tcp_fixture fixture;
  fixture.server().reply(get_line, 200, sandbox_json("started")).reply(get_line, 200, sandbox_json("stopped"));

  CHECK(fixture.get().value().state() == sandbox_state::started);
  CHECK(fixture.get().value().state() == sandbox_state::stopped);

  CHECK(fixture.server().seen().connections == 1);
}

TEST_CASE("an answer that comes late and byte by byte is put together") {
  tcp_fixture fixture;
  server_reply slow;
  slow.bytes = http_answer(200, sandbox_json("started"));
  slow.piece = 1;
  slow.delay = 30s;
  fixture.server().reply(slow);

  CHECK_FALSE(fixture.get().failed());
  CHECK(fixture.elapsed() == 30s);
}

TEST_CASE("R1: a peer that closes or resets at any point of its answer is a lost connection") {
  const auto answer = http_answer(200, sandbox_json("started"));
  for (const auto ending : {server_reply::ending::close, server_reply::ending::reset}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, answer.size() - 1}) {
      tcp_fixture fixture;
      server_reply cut;
      cut.bytes = answer.substr(0, size);
      cut.then = ending;
      fixture.server().reply(cut);

      const auto end = fixture.get();

      CHECK(end.error().code() == errc::connection_lost);
      CHECK(end.error().details().request_sent);
    }
  }
}

TEST_CASE("R1: an idle connection that the peer closed or reset is not used again") {
  for (const auto ending : {server_reply::ending::close, server_reply::ending::reset}) {
    tcp_fixture fixture;
    server_reply last;
    last.bytes = http_answer(200, sandbox_json("started"));
    last.then = ending;
    fixture.server().reply(last).reply(get_line, 200, sandbox_json("stopped"));

    fixture.get();
    fixture.settle();

    CHECK(fixture.get().value().state() == sandbox_state::stopped);
    CHECK(fixture.server().seen().connections == 2);
  }
}

TEST_CASE("nobody listens: the connection is refused, at once") {
  tcp_fixture fixture;
  const auto settings = fixture.settings();
  fixture.server().stop();

  const auto end = fixture.run(fixture.client(settings).get("x"));

  CHECK(end.error().code() == errc::connection_failed);
  CHECK(end.error().phase() == phase::connect);
  CHECK(end.error().details().cause == asio::error::connection_refused);
  CHECK(end.error().message().find("127.0.0.1:") != std::string::npos);
  CHECK(is_retryable(end.error()));
  CHECK(fixture.elapsed() == 0s);
}

TEST_CASE("T2: a peer that accepts and is silent ends the call at its deadline, over TCP and TLS") {
  tcp_fixture plain{mute()};
  auto settings = plain.settings();
  settings.request_timeout = 7s;
  const auto headers = plain.run(plain.client(settings).get("x"));
  CHECK(headers.error().phase() == phase::headers);
  CHECK(plain.elapsed() == 7s);

  tcp_fixture secured{mute()};
  settings = secured.settings("https");
  settings.connect_timeout = 3s;
  const auto handshake = secured.run(secured.client(settings).get("x"));
  CHECK(handshake.error().code() == errc::timeout);
  CHECK(handshake.error().phase() == phase::tls);
  CHECK(secured.elapsed() == 3s);
}

TEST_CASE("T3: a call to a silent peer is cancelled at once, over TCP and TLS") {
  for (const std::string_view scheme : {"http", "https"}) {
    tcp_fixture fixture{mute()};
    asio::cancellation_signal signal;
    std::optional<bool> failed;
    auto call = fixture.client(fixture.settings(scheme)).get("x");
    asio::co_spawn(fixture.io(), std::move(call),
                   asio::bind_cancellation_slot(
                       signal.slot(), [&](std::exception_ptr failure, sandbox) { failed = failure != nullptr; }));
    for (int n = 0; n < 10; ++n) fixture.settle();

    signal.emit(asio::cancellation_type::terminal);
    fixture.run_until([&] { return failed.has_value(); });

    CHECK(*failed);
    CHECK(fixture.elapsed() == 0s);
  }
}

TEST_CASE("a large request and a large answer pass") {
  tcp_fixture fixture;
  const std::string big(3 << 20, 'x');
  fixture.server().reply(
      get_line, 200, sandbox_json("started", {}, fmt::format("http://127.0.0.1:{}/toolbox", fixture.server().port())));
  fixture.server().reply("POST /toolbox/", 200, R"({"exitCode":0,"result":")" + big + R"("})");

  const auto sandbox = fixture.get().value();
  const auto end = fixture.run(sandbox.process().exec("echo " + big));

  CHECK(end.value().result == big);
  CHECK(fixture.server().seen().requests.at(1).size() > big.size());
}

TEST_CASE("R5: ten thousand operations over a thousand sandboxes leave the number of descriptors as it was") {
  constexpr std::size_t sandboxes = 1000, rounds = 10;
  tcp_fixture fixture;
  for (std::size_t n = 0; n < sandboxes * rounds; ++n)
    fixture.server().reply("GET /api/sandbox/", 200, sandbox_json("started"));

  auto work = visit(fixture.client(), sandboxes, rounds);
  const auto descriptors = fixture.run(std::move(work)).value();

  REQUIRE(descriptors.size() == rounds);
  for (const auto count : descriptors) CHECK(count == descriptors.front());
  CHECK(fixture.server().seen().connections == 1);
  CHECK(fixture.client().pool_figures().reused == sandboxes * rounds - 1);
}
