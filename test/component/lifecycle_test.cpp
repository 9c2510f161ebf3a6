#include <doctest/doctest.h>

#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

TEST_CASE("create waits until the sandbox is started") {
  client_fixture fixture;
  fixture.script().reply("POST /api/sandbox HTTP/1.1", 200, sandbox_json("creating"));
  fixture.script().reply("GET /api/sandbox/5b0c", 200, sandbox_json("starting"));
  fixture.script().reply("GET /api/sandbox/5b0c", 200, sandbox_json("started"));

  const auto end = fixture.run(fixture.client().create());

  CHECK(end.value().state() == sandbox_state::started);
  CHECK(end.value().id() == sandbox_id);
}

TEST_CASE("L2: removing a sandbox that is gone is a success") {
  client_fixture fixture;
  fixture.script().reply("DELETE /api/sandbox/5b0c", 404, R"({"message":"not found"})");

  const auto sandbox = fixture.sandbox();
  const auto end = fixture.run(sandbox.remove());

  CHECK_FALSE(end.failed());
  CHECK(sandbox.state() == sandbox_state::destroyed);
}

TEST_CASE("T2: a create that never becomes started ends at its deadline, and the sandbox is removed") {
  client_fixture fixture;
  fixture.script().reply("POST /api/sandbox HTTP/1.1", 200, sandbox_json("creating"));
  fixture.script().hang("GET /api/sandbox/5b0c");
  fixture.script().reply("DELETE /api/sandbox/5b0c", 200, sandbox_json("destroying"));
  create_options options;
  options.timeout = 5s;

  const auto end = fixture.run(fixture.client().create(options));

  CHECK(end.is<timeout_error>());
  CHECK(end.error().remains() == create_remains::removed);
  CHECK(end.error().sandbox_id() == sandbox_id);
  CHECK(fixture.elapsed() == 5s);
}
