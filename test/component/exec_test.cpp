#include <doctest/doctest.h>

#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto execute = "POST /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/execute HTTP/1.1";

}  // namespace

TEST_CASE("exec sends the command and gives its result") {
  client_fixture fixture;
  fixture.script().reply(execute, 200, R"({"exitCode":3,"result":"hello\n"})");

  const auto end = fixture.run(fixture.sandbox().process().exec("echo hello"));

  CHECK(end.value().exit_code == 3);
  CHECK(end.value().result == "hello\n");
  CHECK(end.value().artifacts.stdout_ == "hello\n");
  CHECK(fixture.script().requests.at(0).ends_with(R"({"command":"echo hello"})"));
}

TEST_CASE("a connection is used again") {
  client_fixture fixture;
  for (int n = 0; n < 3; ++n) fixture.script().reply(execute, 200, R"({"exitCode":0,"result":""})");

  for (int n = 0; n < 3; ++n) CHECK_FALSE(fixture.run(fixture.sandbox().process().exec("true")).failed());

  CHECK(fixture.script().connections == 1);
}

TEST_CASE(
    "T1: a command of ten minutes is waited for beyond the request timeout, and five seconds longer than its own") {
  client_fixture fixture;
  fixture.script().hang(execute);
  exec_options options;
  options.timeout = 10min;

  const auto end = fixture.run(fixture.sandbox().process().exec("sleep 700", options));

  CHECK(end.error().code() == errc::timeout);
  CHECK(end.is<timeout_error>());
  CHECK(end.error().phase() == phase::headers);
  CHECK(fixture.elapsed() == 10min + 5s);
}

TEST_CASE("R1: a command that reached the server is not sent twice when the connection dies") {
  client_fixture fixture;
  fixture.script().cut(execute);

  const auto end = fixture.run(fixture.sandbox().process().exec("rm important"));

  CHECK(end.error().code() == errc::connection_lost);
  CHECK(end.error().phase() == phase::headers);
  CHECK(fixture.script().requests.size() == 1);
  CHECK_FALSE(is_retryable(end.error()));
  CHECK(end.error().message().ends_with("the request may have taken effect: look before you repeat it"));
}

TEST_CASE("a call outlives every handle it was made from") {
  client_fixture fixture;
  fixture.script().reply(execute, 200, R"({"exitCode":0,"result":"late"})");

  auto call = [&] {
    auto sandbox = fixture.sandbox();
    auto process = sandbox.process();
    return process.exec(std::string("echo ") + "late");
  }();

  CHECK(fixture.run(std::move(call)).value().result == "late");
}
