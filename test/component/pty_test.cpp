// Terminals, against a scripted toolbox.
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

constexpr auto pty_prefix = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/pty";

std::string pty_line(std::string_view verb, std::string_view path) {
  return std::string(verb) + " " + pty_prefix + std::string(path) + " HTTP/1.1";
}
const auto create_connect = pty_line("GET", "/create-connect?id=shell&cols=80&rows=24");
const auto connect_line = pty_line("GET", "/shell/connect");

const auto connected = text_frame(R"({"type":"control","status":"connected"})");
const auto exited = text_frame(R"({"type":"control","status":"exited","exitCode":7})");

pty_handle open(client_fixture& fixture, create_pty_options options = create_pty_options()) {
  return fixture.run(fixture.sandbox().process().create_pty_session("shell", options)).value();
}

awaitable<std::string> read_all(pty_handle pty) {
  std::string all;
  for (;;) {
    const auto output = co_await pty.next();
    if (!output) co_return all;
    all += *output;
  }
}

std::string repeated(std::string_view pattern, std::size_t size) {
  std::string text;
  while (text.size() < size) text += pattern;
  text.resize(size);
  return text;
}

/// Each message is whole: `<sender:number>`, and those of a sender are in order.
void check_order(const std::vector<std::string>& messages) {
  std::vector<int> next(64, 0);
  for (const auto& message : messages) {
    int number = -1, k = -1;
    REQUIRE(std::sscanf(message.c_str(), "<%d:%d>", &number, &k) == 2);
    CHECK(next.at(static_cast<std::size_t>(number))++ == k);
  }
}

awaitable<void> send_five(pty_handle pty, int number) {
  for (int k = 0; k < 5; ++k) co_await pty.send_input("<" + std::to_string(number) + ":" + std::to_string(k) + ">");
}

/// One of 64 that use a terminal at once, each in one of four ways.
awaitable<void> use_in_one_way(pty_handle pty, int number) {
  if (number % 4 == 0) co_await send_five(pty, number);
  for (int k = 0; number % 4 == 1 && k < 5; ++k) co_await pty.resize(pty_size(9, 9));
  for (int k = 0; number % 4 == 2 && k < 5; ++k) co_await pty.kill();
  if (number % 4 == 3) co_await pty.wait_for_connection();
  if (number % 4 == 3) co_await pty.disconnect();
}

}  // namespace

TEST_CASE("S15, S16: a terminal is created and connected to at once; its variables are in no URL") {
  client_fixture fixture;
  create_pty_options options;
  options.envs["SECRET"] = "hidden value";
  options.cwd = "/srv";
  options.pty_size = pty_size{30, 120};
  fixture.script().upgrade(pty_line("GET", "/create-connect?id=shell&cols=120&rows=30&cwd=%2Fsrv"), connected);

  auto pty = open(fixture, options);

  CHECK_FALSE(fixture.run(pty.wait_for_connection()).failed());
  CHECK(pty.is_connected());
  const auto& request = fixture.script().requests.at(0);
  CHECK(request.find("Sec-WebSocket-Protocol: X-Daytona-Pty-Exit-Control, "
                     "X-Daytona-Pty-Envs~eyJTRUNSRVQiOiJoaWRkZW4gdmFsdWUifQ\r\n") != std::string::npos);
  CHECK(request.find("hidden") == std::string::npos);
  CHECK(request.substr(0, request.find("\r\n")).find("eyJ") == std::string::npos);
}

TEST_CASE("a server that can't create and connect at once is asked for one after the other") {
  client_fixture fixture;
  create_pty_options options;
  options.envs["A"] = "1";
  fixture.script().reply(create_connect, 404, R"({"error":"PTY session not found"})");
  fixture.script().reply(pty_line("POST", ""), 201, R"({"sessionId":"shell"})");
  fixture.script().upgrade(connect_line, connected);

  auto pty = open(fixture, options);

  CHECK_FALSE(fixture.run(pty.wait_for_connection()).failed());
  CHECK(fixture.script().requests.at(1).ends_with(R"({"id":"shell","envs":{"A":"1"},"cols":80,"rows":24})"));
}

TEST_CASE("P7: output, then an exit code, however the server tells it") {
  struct ending {
    std::string frames;
    std::optional<int> code;
    std::optional<std::string> error;
  };
  for (const auto& one : std::vector<ending>{
           {connected + binary_frame("hi") + exited + close_frame(1011, R"({"exitCode":9})"), 7, std::nullopt},
           {binary_frame("hi") + connected + close_frame(1000, R"({"exitCode":0})"), 0, std::nullopt},
           {connected + binary_frame("hi") + close_frame(1011, R"({"exitCode":130,"exitReason":"Ctrl+C"})"), 130,
            "Ctrl+C"},
           {binary_frame("h") + text_frame("i") + exited + close_frame(1000), 7, std::nullopt},
           {connected + binary_frame("hi") + close_frame(1000), std::nullopt, std::nullopt}}) {
    client_fixture fixture;
    fixture.script().upgrade(create_connect, one.frames, true);
    auto pty = open(fixture);

    CHECK(fixture.run(read_all(pty)).value() == "hi");

    const auto end = fixture.run(pty.wait()).value();
    CHECK(end.exit_code == one.code);
    CHECK(end.error == one.error);
    CHECK_FALSE(pty.is_connected());
  }
}

TEST_CASE("P7: a shell that ends at once is an end, not a failed connection") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, exited + close_frame(1011), true);
  auto pty = open(fixture);

  CHECK_FALSE(fixture.run(pty.wait_for_connection()).failed());
  CHECK(fixture.run(pty.wait()).value().exit_code == 7);
}

TEST_CASE("S2, P7: a connection that is lost gives no exit code, but an error") {
  for (const auto& frames : {connected + binary_frame("half"), connected + binary_frame("half") + close_frame(1001)}) {
    client_fixture fixture;
    fixture.script().upgrade(create_connect, frames, true);
    auto pty = open(fixture);

    CHECK(fixture.run(pty.next()).value() == "half");
    CHECK(fixture.run(pty.next()).error().code() == errc::connection_lost);
    CHECK(fixture.run(pty.wait()).error().code() == errc::connection_lost);
    CHECK_FALSE(pty.exit_code());
  }
}

TEST_CASE("a terminal that does not exist is refused with the server's words") {
  client_fixture fixture;
  fixture.script().upgrade(
      connect_line, text_frame(R"({"error":"PTY session shell not found","status":"error","type":"control"})"), true);
  auto pty = fixture.run(fixture.sandbox().process().connect_pty_session("shell")).value();

  const auto end = fixture.run(pty.wait_for_connection());

  CHECK(end.error().code() == errc::connection_lost);
  CHECK(std::string(end.error().what()).find("PTY session shell not found") != std::string::npos);
}

TEST_CASE("a server that never says it is connected is given up after ten seconds") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, "");
  auto pty = open(fixture);

  CHECK(fixture.run(pty.wait_for_connection()).error().code() == errc::timeout);
  CHECK(fixture.elapsed() == 10s);
}

TEST_CASE("P8: input of any size arrives in order, in messages that servers take") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, connected);
  auto pty = open(fixture);
  const auto input = repeated("0123456789abcdef!", 1024 * 1024);

  CHECK_FALSE(fixture.run(pty.send_input(input)).failed());

  std::string received;
  for (const auto& message : fixture.script().messages) {
    CHECK(message.size() <= 32 * 1024);
    received += message;
  }
  CHECK(received == input);
}

TEST_CASE("P9: input before the terminal is ready waits for it") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, "");
  auto pty = open(fixture);
  bool sent = false;
  asio::co_spawn(fixture.io(), pty.send_input("ls\n"), [&](std::exception_ptr failure) { sent = !failure; });
  fixture.settle();

  CHECK_FALSE(sent);
  CHECK(fixture.script().messages.empty());
}

TEST_CASE("S5: many coroutines on one handle: frames whole and in order") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, connected);
  auto pty = open(fixture);
  int done = 0;
  for (int n = 0; n < 64; ++n)
    asio::co_spawn(fixture.io(), send_five(pty, n), [&](std::exception_ptr failure) {
      CHECK_FALSE(failure);
      ++done;
    });

  fixture.run_until([&] { return done == 64; });

  check_order(fixture.script().messages);
  CHECK(fixture.script().messages.size() == 320);
}

TEST_CASE("S5: 64 coroutines send, resize, kill and close on one handle: what arrives is whole and in order") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, connected);
  auto pty = open(fixture);
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) {
    return http_answer(200, R"({"id":"shell","cols":9,"rows":9})");
  };
  int done = 0, refused = 0;
  auto count = [&](std::exception_ptr failure) {
    ++done;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const gone_error&) {
      ++refused;  // the handle was closed
    }
  };
  for (int n = 0; n < 64; ++n) asio::co_spawn(fixture.io(), use_in_one_way(pty, n), count);

  fixture.run_until([&] { return done == 64; });

  check_order(fixture.script().messages);
  CHECK(refused <= 16);
  CHECK_FALSE(pty.is_connected());
  CHECK_FALSE(fixture.run(pty.next()).value().has_value());
}

TEST_CASE("input to a terminal that has ended is refused as such") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, connected + exited + close_frame(1000), true);
  auto pty = open(fixture);
  CHECK(fixture.run(pty.wait()).value().exit_code == 7);

  const auto end = fixture.run(pty.send_input("x"));

  CHECK(end.error().code() == errc::session_ended);
}

TEST_CASE("terminals are listed, shown, resized and killed") {
  client_fixture fixture;
  constexpr auto info =
      R"({"id":"shell","cwd":"/home/daytona","envs":{"TERM":"xterm"},"cols":100,"rows":40,"createdAt":"2025-03-04T05:06:07Z","active":true,"lazyStart":false})";
  fixture.script().reply(pty_line("GET", ""), 200, R"({"sessions":[)" + std::string(info) + "]}");
  fixture.script().reply(pty_line("GET", "/shell"), 200, info);
  fixture.script().reply(pty_line("POST", "/shell/resize"), 200, info);
  fixture.script().reply(pty_line("DELETE", "/shell"), 200, R"({"message":"PTY session deleted"})");
  const auto process = fixture.sandbox().process();

  CHECK(fixture.run(process.list_pty_sessions()).value().size() == 1);
  const auto shown = fixture.run(process.get_pty_session_info("shell")).value();
  CHECK(shown.cols == 100);
  CHECK(shown.envs.at("TERM") == "xterm");
  CHECK(fixture.run(process.resize_pty_session("shell", pty_size{40, 100})).value().rows == 40);
  CHECK(fixture.script().requests.at(2).ends_with(R"({"cols":100,"rows":40})"));
  CHECK_FALSE(fixture.run(process.kill_pty_session("shell")).failed());
}

TEST_CASE("sizes outside 1 to 1000 are refused before anything is sent") {
  client_fixture fixture;
  const auto process = fixture.sandbox().process();
  for (const auto& size :
       {pty_size{0, 80}, pty_size{24, 0}, pty_size{1001, 80}, pty_size{24, 100000}, pty_size{-1, 80}}) {
    CHECK_THROWS_AS(static_cast<void>(process.resize_pty_session("shell", size)), bad_request_error);
    create_pty_options options;
    options.pty_size = size;
    CHECK_THROWS_AS(static_cast<void>(process.create_pty_session("shell", options)), bad_request_error);
  }
}

TEST_CASE("disconnect leaves the terminal, and ends a pending read without an error") {
  client_fixture fixture;
  fixture.script().upgrade(create_connect, connected);
  auto pty = open(fixture);
  CHECK_FALSE(fixture.run(pty.wait_for_connection()).failed());

  CHECK_FALSE(fixture.run(pty.disconnect()).failed());

  CHECK_FALSE(fixture.run(pty.next()).value().has_value());
  CHECK(fixture.elapsed() == 0s);
}
