#include <daytona/with_sandbox.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// A public call, and how its peer answers as long as it does.
struct public_call {
  std::string_view name;
  std::function<void(script&)> plan;
  std::function<asio::awaitable<void>(client_fixture&)> make;
};

template <class T>
asio::awaitable<void> drop(asio::awaitable<T> work) {
  co_await std::move(work);
}

constexpr std::string_view get_line = "GET /api/sandbox/5b0c";
constexpr std::string_view toolbox_line = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/";

void create_plan(script& plot) {
  plot.reply("POST /api/sandbox HTTP/1.1", 200, sandbox_json("creating"));
  plot.reply(std::string(get_line), 200, sandbox_json("started"));
}

/// A request that changes the state, and the state that is waited for.
std::function<void(script&)> change(std::string line, std::string_view first, std::string_view then) {
  return [line = std::move(line), first, then](script& plot) {
    plot.reply(line, 200, sandbox_json(first)).reply(std::string(get_line), 200, sandbox_json(then));
  };
}

std::function<void(script&)> one_answer(std::string line, std::string body) {
  return [line = std::move(line), body = std::move(body)](script& plot) { plot.reply(line, 200, body); };
}

exec_options limited() {
  exec_options options;
  options.timeout = 10s;
  return options;
}

asio::awaitable<int> run_true(daytona::sandbox target) {
  const auto made = co_await target.process().exec("true", limited());
  co_return made.exit_code;
}

std::vector<public_call> all_calls() {
  const auto page = R"({"items":[)" + sandbox_json("started") + R"(],"nextCursor":null})";
  const auto to_toolbox = [](std::string_view verb, std::string_view route) {
    return std::string(verb) + " " + std::string(toolbox_line) + std::string(route);
  };
  const std::string executed = R"({"exitCode":0,"result":""})";
  const std::string directory = R"({"dir":"/home/daytona"})";
  return {
      {"create", create_plan, [](auto& f) { return drop(f.client().create()); }},
      {"create from an image", create_plan,
       [](auto& f) {
         create_from_image_params params;
         params.image = "debian:12";
         return drop(f.client().create(params));
       }},
      {"get", one_answer(std::string(get_line), sandbox_json("started")),
       [](auto& f) { return drop(f.client().get(sandbox_id)); }},
      {"find_one", one_answer("GET /api/sandbox?", page),
       [](auto& f) { return drop(f.client().find_one("", {{"a", "1"}})); }},
      {"list", one_answer("GET /api/sandbox HTTP/1.1", page),
       [](auto& f) {
         auto list = f.client().list();
         return drop(list.next());
       }},
      {"list_page", one_answer("GET /api/sandbox/paginated", R"({"items":[],"total":0,"page":1,"totalPages":0})"),
       [](auto& f) { return drop(f.client().list_page()); }},
      {"start", change("POST /api/sandbox/5b0c", "starting", "started"),
       [](auto& f) { return f.client().start(f.sandbox()); }},
      {"stop", change("POST /api/sandbox/5b0c", "stopping", "stopped"),
       [](auto& f) { return f.client().stop(f.sandbox()); }},
      {"remove", change("DELETE /api/sandbox/5b0c", "destroying", "destroyed"),
       [](auto& f) {
         remove_options options;
         options.wait = true;
         return f.client().remove(f.sandbox(), options);
       }},
      {"refresh_data", one_answer(std::string(get_line), sandbox_json("started")),
       [](auto& f) { return f.sandbox().refresh_data(); }},
      {"wait_for_sandbox_stop", change(std::string(get_line), "stopping", "stopped"),
       [](auto& f) { return f.sandbox().wait_for_sandbox_stop(); }},
      {"wait_for_sandbox_start", change(std::string(get_line), "starting", "started"),
       [](auto& f) { return f.sandbox("stopped").wait_for_sandbox_start(); }},
      {"get_user_home_dir", one_answer(to_toolbox("GET", "user-home-dir"), directory),
       [](auto& f) { return drop(f.sandbox().get_user_home_dir()); }},
      {"get_work_dir", one_answer(to_toolbox("GET", "work-dir"), directory),
       [](auto& f) { return drop(f.sandbox().get_work_dir()); }},
      {"exec", one_answer(to_toolbox("POST", "process/execute"), executed),
       [](auto& f) { return drop(f.sandbox().process().exec("true", limited())); }},
      {"code_run", one_answer(to_toolbox("POST", "process/code-run"), executed),
       [](auto& f) {
         code_run_params params;
         params.timeout = 10s;
         return drop(f.sandbox().process().code_run("1", params));
       }},
      {"with_sandbox",
       [=](script& plot) {
         create_plan(plot);
         plot.reply(to_toolbox("POST", "process/execute"), 200, executed);
         plot.reply("DELETE /api/sandbox/5b0c", 200, sandbox_json("destroying"));
       },
       [](auto& f) { return drop(with_sandbox(f.client(), create_from_snapshot_params(), run_true)); }},
  };
}

struct silent_run {
  std::size_t steps = 0;
  outcome<void> end;
  std::chrono::nanoseconds took{};
};

/// Lets the peer fall silent at `step`, for good.
silent_run run_silent(const public_call& call, std::size_t step) {
  client_fixture fixture;
  call.plan(fixture.script());
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("destroying")); };
  fixture.script().on_step = [&](std::size_t now) { return now >= step ? step_action::hang : step_action::proceed; };
  auto work = call.make(fixture);
  silent_run run;
  run.end = fixture.run(std::move(work));
  run.took = fixture.elapsed();
  run.steps = fixture.script().steps;
  const auto pool = fixture.pool();
  CHECK(pool.connections == pool.idle);
  CHECK(pool.waiting + pool.connecting == 0);
  return run;
}

}  // namespace

TEST_CASE("T2: every public call ends at its deadline if its peer falls silent at any step, and names the phase") {
  constexpr auto longest = 60s;   // of all calls here, by their defaults
  constexpr auto clean_up = 10s;  // for the sandbox of a failed create
  for (const auto& call : all_calls()) {
    const auto whole = run_silent(call, std::size_t(-1));
    INFO(call.name);
    REQUIRE_MESSAGE(!whole.end.failed(), "it fails undisturbed");
    for (std::size_t step = 0; step < whole.steps; ++step) {
      INFO("silent from step ", step);
      const auto run = run_silent(call, step);

      REQUIRE(run.end.failed());
      const auto error = run.end.error();
      INFO(error.what());
      CHECK(error.code() == errc::timeout);
      CHECK(error.phase() != phase::none);
      CHECK(run.took >= 10s);
      CHECK(run.took <= longest + clean_up);
    }
  }
}
