#include <daytona/with_sandbox.hpp>

#include <doctest/doctest.h>

#include "kit/for_each_failure.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto create_line = "POST /api/sandbox HTTP/1.1";
constexpr auto get_line = "GET /api/sandbox/5b0c";
constexpr auto execute_line = "POST /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/execute HTTP/1.1";
constexpr auto run_line = "POST /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/code-run HTTP/1.1";

std::string other_answer(const std::string& request) {
  if (request.starts_with("GET /api/sandbox?")) return http_answer(200, R"({"items":[],"nextCursor":null})");
  return http_answer(200, sandbox_json("destroying"));
}

void create_plan(script& plot) {
  plot.reply(create_line, 200, sandbox_json("creating")).reply(get_line, 200, sandbox_json("started"));
  plot.otherwise = other_answer;
}

}  // namespace

TEST_CASE("T3, K2: create of the default survives every failure and every cancellation") {
  for_each_failure(create_plan, [](client_fixture& fixture) { return fixture.client().create(); }, 10s);
}

TEST_CASE("T3, K2: create from a snapshot survives every failure and every cancellation") {
  for_each_failure(
      create_plan,
      [](client_fixture& fixture) {
        create_from_snapshot_params params;
        params.snapshot = "worker";
        return fixture.client().create(params);
      },
      10s);
}

TEST_CASE("T3, K2: create from an image survives every failure and every cancellation") {
  for_each_failure(
      create_plan,
      [](client_fixture& fixture) {
        create_from_image_params params;
        params.image = "debian:12";
        return fixture.client().create(params);
      },
      10s);
}

TEST_CASE("T3, K2: get survives every failure and every cancellation") {
  const auto plan = [](script& plot) { plot.reply(get_line, 200, sandbox_json("started")); };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.client().get(sandbox_id); });
}

TEST_CASE("T3, K2: find_one survives every failure and every cancellation") {
  const auto page = R"({"items":[)" + sandbox_json("started") + R"(],"nextCursor":null})";
  const auto plan = [&](script& plot) { plot.reply("GET /api/sandbox?", 200, page); };

  for_each_failure(plan, [](client_fixture& fixture) {
    std::map<std::string, std::string> labels;
    labels["a"] = "1";
    return fixture.client().find_one("", labels);
  });
}

TEST_CASE("T3, K2: list survives every failure and every cancellation") {
  const auto plan = [](script& plot) {
    plot.reply("GET /api/sandbox HTTP/1.1", 200, R"({"items":[],"nextCursor":"c"})");
    plot.reply("GET /api/sandbox?cursor=c", 200, R"({"items":[)" + sandbox_json("started") + R"(],"nextCursor":null})");
  };

  for_each_failure(plan, [](client_fixture& fixture) {
    auto list = fixture.client().list();
    return list.next();
  });
}

TEST_CASE("T3, K2: list_page survives every failure and every cancellation, also of its fall-back") {
  const auto plan = [](script& plot) {
    plot.reply("GET /api/sandbox/paginated", 404, R"({"message":"Cannot GET /api/sandbox/paginated"})");
    plot.reply("GET /api/sandbox HTTP/1.1", 200, R"({"items":[],"nextCursor":"c"})");
    plot.reply("GET /api/sandbox?cursor=c", 200, R"({"items":[)" + sandbox_json("started") + R"(],"nextCursor":null})");
  };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.client().list_page(); });
}

TEST_CASE("T3, K2: start survives every failure and every cancellation") {
  const auto plan = [](script& plot) {
    plot.reply("POST /api/sandbox/5b0c", 200, sandbox_json("starting")).reply(get_line, 200, sandbox_json("started"));
  };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.client().start(fixture.sandbox()); });
}

TEST_CASE("T3, K2: stop survives every failure and every cancellation") {
  const auto plan = [](script& plot) {
    plot.reply("POST /api/sandbox/5b0c", 200, sandbox_json("stopping")).reply(get_line, 200, sandbox_json("stopped"));
  };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.client().stop(fixture.sandbox()); });
}

TEST_CASE("T3, K2: remove survives every failure and every cancellation") {
  const auto plan = [](script& plot) {
    plot.reply("DELETE /api/sandbox/5b0c", 200, sandbox_json("destroying"));
    plot.reply(get_line, 200, sandbox_json("destroyed"));
  };

  for_each_failure(plan, [](client_fixture& fixture) {
    remove_options options;
    options.wait = true;
    return fixture.client().remove(fixture.sandbox(), options);
  });
}

TEST_CASE("T3, K2: refresh_data survives every failure and every cancellation") {
  const auto plan = [](script& plot) { plot.reply(get_line, 200, sandbox_json("started")); };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.sandbox().refresh_data(); });
}

TEST_CASE("T3, K2: the waits survive every failure and every cancellation") {
  const auto plan = [](script& plot) {
    plot.reply(get_line, 200, sandbox_json("stopping")).reply(get_line, 200, sandbox_json("stopped"));
  };
  const auto start_plan = [](script& plot) {
    plot.reply(get_line, 200, sandbox_json("starting")).reply(get_line, 200, sandbox_json("started"));
  };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.sandbox().wait_for_sandbox_stop(); });
  for_each_failure(start_plan,
                   [](client_fixture& fixture) { return fixture.sandbox("stopped").wait_for_sandbox_start(); });
}

TEST_CASE("T3, K2: the directories survive every failure and every cancellation") {
  const auto home = [](script& plot) {
    plot.reply("GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/user-home-dir", 200, R"({"dir":"/home/daytona"})");
  };
  const auto work = [](script& plot) {
    plot.reply("GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/work-dir", 200, R"({"dir":"/home/daytona"})");
  };

  for_each_failure(home, [](client_fixture& fixture) { return fixture.sandbox().get_user_home_dir(); });
  for_each_failure(work, [](client_fixture& fixture) { return fixture.sandbox().get_work_dir(); });
}

TEST_CASE("T3, K2: exec survives every failure and every cancellation") {
  const auto plan = [](script& plot) { plot.reply(execute_line, 200, R"({"exitCode":0,"result":""})"); };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.sandbox().process().exec("true"); });
  for_each_failure(plan, [](client_fixture& fixture) {
    std::vector<std::string> argv(1, "true");
    return fixture.sandbox().process().exec(argv);
  });
}

TEST_CASE("T3, K2: exec survives every failure of the question for the toolbox's address") {
  const auto plan = [](script& plot) {
    plot.reply("GET /api/sandbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/toolbox-proxy-url", 200,
               R"({"url":"http://daytona.test/toolbox"})");
    plot.reply(execute_line, 200, R"({"exitCode":0,"result":""})");
  };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.sandbox("started", "").process().exec("true"); });
}

TEST_CASE("T3, K2: code_run survives every failure and every cancellation") {
  const auto plan = [](script& plot) { plot.reply(run_line, 200, R"({"exitCode":0,"result":""})"); };

  for_each_failure(plan, [](client_fixture& fixture) { return fixture.sandbox().process().code_run("1"); });
}

TEST_CASE("T3, K2: with_sandbox survives every failure and every cancellation") {
  const auto plan = [](script& plot) {
    create_plan(plot);
    plot.reply(execute_line, 200, R"({"exitCode":0,"result":""})");
    plot.reply("DELETE /api/sandbox/5b0c", 200, sandbox_json("destroying"));
  };
  auto body = [](daytona::sandbox target) -> asio::awaitable<int> {
    const auto made = co_await target.process().exec("true");
    co_return made.exit_code;
  };

  for_each_failure(
      plan,
      [&](client_fixture& fixture) { return with_sandbox(fixture.client(), create_from_snapshot_params(), body); }, 10s,
      true);
}
