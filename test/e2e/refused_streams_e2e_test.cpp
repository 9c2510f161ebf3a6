#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

/// What a call that must fail was refused with.
template <class T>
awaitable<error> refusal_of(awaitable<T> call) {
  std::optional<error> refusal;
  try {
    co_await std::move(call);
  } catch (const error& e) {
    refusal = e;
  }
  REQUIRE(refusal.has_value());
  co_return *refusal;
}

/// What each kind of stream of this sandbox is refused with.
awaitable<std::vector<error>> refusals_of_streams(sandbox target) {
  auto process = target.process();
  auto interpreter = target.code_interpreter();
  std::vector<error> all;
  std::optional<error> refused;
  refused = co_await refusal_of(process.connect_pty_session("t"));
  all.push_back(*refused);
  refused = co_await refusal_of(process.create_pty_session("u"));
  all.push_back(*refused);
  refused = co_await refusal_of(process.follow_session_command("s", "c"));
  all.push_back(*refused);
  refused = co_await refusal_of(interpreter.stream_code("1"));
  all.push_back(*refused);
  refused = co_await refusal_of(interpreter.run_code("1"));
  all.push_back(*refused);
  co_return all;
}

/// A client whose token may become another one.
client client_with(std::shared_ptr<const std::string> token) {
  auto settings = config::from_env();
  settings.api_key.clear();
  settings.organization_id = "any";  // asked for with a token
  settings.jwt_provider = [token]() -> awaitable<std::string> { co_return *token; };
  return client{settings};
}

}  // namespace

TEST_CASE("S15: with credentials that are no longer taken, each stream is refused with 401") {
  if (!is_local()) return;  // whose key is a token, too
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    const auto token = std::make_shared<std::string>(config::from_env().api_key);
    auto stranger = client_with(token);
    auto same = co_await stranger.get(sandbox.id());
    auto terminal = co_await same.process().create_pty_session("t");
    co_await terminal.wait_for_connection();

    *token = "expired";

    auto refusals = co_await refusals_of_streams(same);
    CHECK(refusals.size() == 5);
    for (const auto& refusal : refusals) {
      CHECK(refusal.code() == errc::authentication);
      CHECK(refusal.http_status() == 401);
      CHECK(refusal.server_code() == "UNAUTHORIZED");
      CHECK(refusal.server_message().find("invalid credentials") != std::string::npos);
    }
    co_await terminal.send_input("exit 3\n");  // what is open goes on
    auto ended = co_await terminal.wait();
    CHECK(ended.exit_code == 3);
  });
}

TEST_CASE("S15: a log of no session or no command is refused as not found, and a stream of no sandbox as that") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("s");
    auto no_session = co_await refusal_of(process.follow_session_command("none", "c"));
    CHECK(no_session.code() == errc::not_found);
    CHECK(no_session.http_status() == 404);
    auto no_command = co_await refusal_of(process.follow_session_command("s", "none"));
    CHECK(no_command.code() == errc::not_found);
    co_await sandbox.remove();
    auto refusals = co_await refusals_of_streams(sandbox);
    for (const auto& refusal : refusals) CHECK(refusal.code() == errc::sandbox_gone);
  });
}

TEST_CASE("a program that is larger than an order may be is refused as the caller's error, and its context goes on") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    co_await interpreter.run_code("x = 41");
    const std::string large = "x = '" + std::string(std::size_t{64} << 20, 'x') + "'";
    auto refusal = co_await refusal_of(interpreter.run_code(large));
    CHECK(refusal.code() == errc::bad_request);
    CHECK(refusal.close_code() == 1009);
    auto ended = co_await interpreter.run_code("print(x + 1)");
    CHECK(ended.stdout_ == "42\n");
  });
}
