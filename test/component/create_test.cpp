#include <doctest/doctest.h>
#include <fmt/format.h>

#include <regex>

#include "kit/client_fixture.hpp"
#include "kit/hanging_token.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto empty_page = R"({"items":[],"nextCursor":null})";

/// The id that the creation in `request` is known by.
std::string create_id_of(const std::string& request) {
  std::smatch found;
  REQUIRE(std::regex_search(request, found, std::regex("\"daytona-cpp/create-id\":\"([0-9a-f]{32})\"")));
  return found[1];
}

/// Answers look-ups with the sandbox of the creation that was asked for before, once `looks` of them have found nothing.
void serve_lookups(client_fixture& fixture, std::size_t looks) {
  fixture.script().forgiving = true;
  fixture.script().otherwise = [&fixture, looks, seen = std::size_t{0}](const std::string& request) mutable {
    if (!request.starts_with(find_line)) return http_answer(200, sandbox_json("destroying"));
    if (seen++ < looks) return http_answer(200, empty_page);
    const auto id = create_id_of(fixture.script().requests.front());
    const auto labelled = std::regex_replace(sandbox_json("starting"), std::regex("\"labels\":\\{"),
                                             R"("labels":{"daytona-cpp/create-id":")" + id + R"(",)");
    return http_answer(200, R"({"items":[)" + labelled + R"(],"nextCursor":null})");
  };
}

}  // namespace

TEST_CASE("L3: a sandbox whose creation was answered by nothing is adopted") {
  client_fixture fixture;
  fixture.script().cut(create_line);
  serve_lookups(fixture, 1);
  fixture.script().otherwise = [inner = fixture.script().otherwise](const std::string& request) {
    return request.starts_with(get_line) ? http_answer(200, sandbox_json("started")) : inner(request);
  };

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.value().id() == sandbox_id);
  CHECK(end.value().state() == sandbox_state::started);
  CHECK(count(fixture.script(), "POST") == 1);
  CHECK(count(fixture.script(), "DELETE") == 0);
}

TEST_CASE("L3: a sandbox of another creation is never adopted") {
  client_fixture fixture;
  fixture.script().cut(create_line);
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string& request) {
    if (!request.starts_with(find_line)) return http_answer(200, sandbox_json("started"));
    return http_answer(200, R"({"items":[)" + sandbox_json("started") + R"(],"nextCursor":null})");
  };

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.error().code() == errc::connection_lost);
  CHECK(end.error().remains() == create_remains::none);
  CHECK(end.error().sandbox_id().empty());
  CHECK(count(fixture.script(), "DELETE") == 0);
}

TEST_CASE("L3: a create that was never sent leaves nothing, and looks for nothing") {
  client_fixture fixture;
  fixture.script().on_step = [](std::size_t) { return step_action::fail; };

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.error().code() == errc::connection_failed);
  CHECK(fixture.script().requests.empty());
}

TEST_CASE("L3: an adopted sandbox that can't be read is removed") {
  client_fixture fixture;
  fixture.script().cut(create_line);
  serve_lookups(fixture, 0);
  fixture.script().otherwise = [inner = fixture.script().otherwise](const std::string& request) {
    return request.starts_with(get_line) ? http_answer(403, R"({"message":"no"})") : inner(request);
  };

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.is<forbidden_error>());
  CHECK(end.error().remains() == create_remains::removed);
  CHECK(end.error().sandbox_id() == sandbox_id);
  CHECK(count(fixture.script(), "DELETE") == 1);
}

TEST_CASE("L3: a look-up that fails does not hide that the answer was lost") {
  client_fixture fixture;
  fixture.script().cut(create_line);
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(500, R"({"message":"boom"})"); };

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.error().code() == errc::connection_lost);
}

TEST_CASE("L3: a creation that fails afterwards removes its sandbox, and the error says so") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("creating"));
  fixture.script().reply(get_line, 200, sandbox_json("error"));
  fixture.script().reply(remove_line, 200, sandbox_json("destroying"));

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.error().code() == errc::sandbox_failed);
  CHECK(end.error().remains() == create_remains::removed);
  CHECK(end.error().sandbox_id() == sandbox_id);
  CHECK(end.error().message().find("was removed") != std::string::npos);
}

TEST_CASE("L3: keep_on_failure keeps the sandbox, and the error says so") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("creating"));
  fixture.script().reply(get_line, 200, sandbox_json("build_failed"));
  create_options options;
  options.keep_on_failure = true;

  const auto end = fixture.run(fixture.client().create(options));

  CHECK(end.error().remains() == create_remains::kept);
  CHECK(end.error().sandbox_id() == sandbox_id);
}

TEST_CASE("L3: what a server left of a creation that it failed at is removed") {
  for (const auto& [status, message] :
       {std::pair(400u, "Sandbox failed to start: no space left"), std::pair(500u, "An unexpected error occurred.")}) {
    CAPTURE(status);
    client_fixture fixture;
    fixture.script().reply(create_line, status, fmt::format(R"({{"message":"{}"}})", message));
    serve_lookups(fixture, 1);

    const auto error = fixture.run(fixture.client().create()).error();

    CHECK(error.http_status() == status);
    CHECK(error.message().find(message) != std::string::npos);
    CHECK(error.remains() == create_remains::removed);
    CHECK(error.sandbox_id() == sandbox_id);
    CHECK(count(fixture.script(), "DELETE") == 1);
  }
}

TEST_CASE("L3: a creation that was refused is not looked for") {
  client_fixture fixture;
  fixture.script().reply(create_line, 400, R"({"message":"Snapshot x not found"})");

  const auto error = fixture.run(fixture.client().create()).error();

  CHECK(error.remains() == create_remains::none);
  CHECK(fixture.script().requests.size() == 1);
}

TEST_CASE("L3: keep_on_failure finds a sandbox whose creation was not answered, and the error names it") {
  client_fixture fixture;
  fixture.script().hang(create_line);
  serve_lookups(fixture, 1);
  asio::cancellation_signal signal;
  fixture.script().on_hang = [&] {
    asio::post(fixture.executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
  };
  create_options options;
  options.keep_on_failure = true;

  const auto error = fixture.run(fixture.client().create(options), signal.slot()).error();

  CHECK(error.code() == asio::error::operation_aborted);
  CHECK(error.remains() == create_remains::kept);
  CHECK(error.sandbox_id() == sandbox_id);
  CHECK(count(fixture.script(), "DELETE") == 0);
}

TEST_CASE("L3: a creation whose attempts were refused or not sent is not looked for") {
  client_fixture* running = nullptr;
  asio::cancellation_signal signal;
  int asked = 0;
  auto settings = client_fixture::default_config();
  settings.api_key.clear();
  settings.organization_id = "organization";
  settings.jwt_provider = [&]() -> asio::awaitable<std::string> {
    if (++asked == 1) co_return "token";
    asio::post(running->executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
    co_return co_await hanging_token();
  };
  client_fixture fixture{settings};
  running = &fixture;
  fixture.script().reply(create_line, 429, R"({"message":"slow down"})");

  const auto error = fixture.run(fixture.client().create(), signal.slot()).error();

  CHECK(error.code() == asio::error::operation_aborted);
  CHECK_FALSE(error.details().request_sent);
  CHECK(fixture.script().requests.size() == 1);
}

TEST_CASE("L3: a removal that fails too is told with the id") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("creating"));
  fixture.script().reply(get_line, 200, sandbox_json("error"));
  fixture.script().reply(remove_line, 500, R"({"message":"boom"})");

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.error().code() == errc::sandbox_failed);
  CHECK(end.error().remains() == create_remains::removal_failed);
  CHECK(end.error().sandbox_id() == sandbox_id);
}

TEST_CASE("L3: the removal of a failed creation gives up after ten seconds") {
  client_fixture fixture;
  fixture.script().reply(create_line, 200, sandbox_json("creating"));
  fixture.script().reply(get_line, 200, sandbox_json("error"));
  fixture.script().hang(remove_line);

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.error().remains() == create_remains::removal_failed);
  CHECK(fixture.elapsed() == 10s);
}

TEST_CASE("L3: a create that is cancelled removes its sandbox, wherever it was cancelled") {
  for (const auto at : {"headers", "wait"}) {
    CAPTURE(at);
    client_fixture fixture;
    const auto lost = std::string_view(at) != "wait";
    if (lost)
      fixture.script().hang(create_line);
    else
      fixture.script().reply(create_line, 200, sandbox_json("creating")).hang(get_line);
    serve_lookups(fixture, 2);
    asio::cancellation_signal signal;
    fixture.script().on_hang = [&] {
      asio::post(fixture.executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
    };

    const auto end = fixture.run(fixture.client().create(), signal.slot());

    CHECK(end.error().code() == asio::error::operation_aborted);
    CHECK(end.error().remains() == create_remains::removed);
    CHECK(end.error().sandbox_id() == sandbox_id);
    CHECK(count(fixture.script(), "DELETE") == 1);
  }
}

TEST_CASE("T8: a creation ends at its deadline with all its attempts, builds and polls, and its sandbox is removed") {
  client_fixture fixture;
  fixture.script().reply(create_line, 429, R"({"message":"slow down"})", "Retry-After: 3\r\n");
  fixture.script().reply(create_line, 200, sandbox_json("pending_build"));
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string& request) {
    return http_answer(200, sandbox_json(request.starts_with(remove_line) ? "destroying" : "building_snapshot"));
  };
  create_options options;
  options.timeout = 10s;

  const auto end = fixture.run(fixture.client().create(options));

  CHECK(end.error().code() == errc::timeout);
  CHECK(end.error().phase() == phase::waiting_state);
  CHECK(end.error().remains() == create_remains::removed);
  CHECK(fixture.elapsed() == 10s);
  CHECK(count(fixture.script(), "POST") == 2);
  CHECK(count(fixture.script(), "DELETE") == 1);
}
