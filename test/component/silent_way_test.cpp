// Streams over a way with a middlebox that forgets connections which are silent, and tells nobody.
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"
#include "kit/client_fixture.hpp"
#include "kit/log_text.hpp"
#include "kit/middlebox.hpp"
#include "kit/web_socket_peer.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
using asio::awaitable;

namespace {

constexpr auto silent_log =
    "GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/session/s/command/c/logs?follow=true HTTP/1.1";
constexpr auto silent_terminal = "GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/pty/t/connect HTTP/1.1";
const std::string of_stdout = "\1\1\1";
const auto greeting = text_frame(R"({"type":"control","status":"connected"})");

/// A client whose connections, on real sockets, all go through a middlebox.
class way_fixture : public fixture {
 public:
  explicit way_fixture(const config& settings = client_fixture::default_config())
      : server_(std::in_place, io(), script_, false), box_(std::in_place, io(), server_->port()) {
    const net::origin there{false, "127.0.0.1", box_->port()};
    core_ = std::make_shared<v0::detail::client_core>(settings, std::make_shared<rewired_connector>(settings, there));
    client_.emplace(v0::detail::client_core::handle(core_));
  }
  ~way_fixture() {
    for (const auto& problem : script_->problems) CHECK_MESSAGE(problem.empty(), problem);
    CHECK_MESSAGE(script_->is_over(), "the script was not played to its end");
    client_->close();
    box_->stop();
    server_.reset();
    settle();
  }

  test::script& script() { return *script_; }
  middlebox& box() { return *box_; }
  daytona::process process() {
    auto data = model::from_json<model::sandbox_data>(sandbox_json("started"));
    return v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core_, *std::move(data)))
        .process();
  }
  void pass(std::chrono::nanoseconds time) {
    run_until([this, end = elapsed() + time] { return elapsed() >= end; });
  }

 private:
  std::shared_ptr<test::script> script_ = std::make_shared<test::script>();
  std::optional<script_server> server_;
  std::optional<middlebox> box_;
  std::shared_ptr<v0::detail::client_core> core_;
  std::optional<daytona::client> client_;
};

}  // namespace

TEST_CASE("S7: a log that is silent for ten minutes lives on behind a middlebox that forgets what is silent for one") {
  way_fixture fixture;
  fixture.box().forget_after(60s);
  fixture.script().upgrade(silent_log, binary_frame(of_stdout + "early, "));
  int pings = 0;
  fixture.script().on_ping = [&] { return ++pings == 30 ? binary_frame("late") + close_frame(1000) : std::string(); };
  auto log = fixture.run(fixture.process().follow_session_command("s", "c")).value();

  const auto all = fixture.run(rest_of(log));

  CHECK(all.value() == "early, late");
  CHECK(fixture.elapsed() == 600s);  // thirty pings, one every 20 s
  CHECK(fixture.box().connections() == 1);
  CHECK(fixture.box().forgotten() == 0);
}

TEST_CASE(
    "S7: a terminal that is silent for ten minutes lives on behind such a middlebox, and takes input after them") {
  way_fixture fixture;
  fixture.box().forget_after(60s);
  fixture.script().upgrade(silent_terminal, greeting);
  fixture.script().on_message = [](const std::string& typed) { return binary_frame("typed " + typed); };
  auto terminal = fixture.run(fixture.process().connect_pty_session("t")).value();
  CHECK_FALSE(fixture.run(terminal.wait_for_connection()).failed());

  fixture.pass(10min);

  CHECK_FALSE(fixture.run(terminal.send_input("ls")).failed());
  CHECK(fixture.run(terminal.next()).value() == "typed ls");
  CHECK(fixture.box().connections() == 1);
  CHECK(fixture.box().forgotten() == 0);
}

TEST_CASE("S7: pings that are rarer than a middlebox's patience save nothing, but it is noticed: a log goes on") {
  auto settings = client_fixture::default_config();
  settings.ping_interval = 61s;
  way_fixture fixture{settings};
  fixture.box().forget_after(60s);
  fixture.script().upgrade(silent_log, binary_frame(of_stdout + "abc"));
  fixture.script().upgrade(silent_log, binary_frame(of_stdout + "abcdef") + close_frame(1000), true);
  auto log = fixture.run(fixture.process().follow_session_command("s", "c")).value();

  const auto all = fixture.run(rest_of(log));

  CHECK(all.value() == "abcdef");
  CHECK(fixture.elapsed() == 3 * 61s);
  CHECK(fixture.box().connections() == 2);
  CHECK(fixture.box().forgotten() == 1);
}

TEST_CASE("S7: a connection that is forgotten while a stream is open is lost 60 s after its last byte") {
  for (const auto spoken_for : {0s, 30s, 3600s}) {
    way_fixture fixture;
    fixture.script().upgrade(silent_log, binary_frame(of_stdout + "abc"));
    fixture.script().upgrade(silent_terminal, greeting);
    follow_options options;
    options.resume = false;
    auto log = fixture.run(fixture.process().follow_session_command("s", "c", options)).value();
    auto terminal = fixture.run(fixture.process().connect_pty_session("t")).value();
    CHECK(fixture.run(log.next()).value()->bytes == "abc");
    fixture.pass(spoken_for);
    const auto last_pong = fixture.elapsed() / 20s * 20s;

    fixture.box().forget();

    const auto of_log = fixture.run(log.next()).error();
    const auto of_terminal = fixture.run(terminal.next()).error();
    CHECK(of_log.code() == errc::connection_lost);
    CHECK(of_terminal.code() == errc::connection_lost);
    CHECK_FALSE(terminal.exit_code());
    CHECK(is_transient(of_log));
    CHECK(fixture.elapsed() == last_pong + 60s);
  }
}
