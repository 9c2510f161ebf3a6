#include "operations.hpp"

#include <daytona/with_sandbox.hpp>

#include <regex>

#include "kit/request_lines.hpp"

using namespace std::chrono_literals;

namespace daytona::test {

namespace {

constexpr auto change_line = "POST /api/sandbox/5b0c";
constexpr auto toolbox_execute_line = "POST /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/execute HTTP/1.1";
constexpr auto run_line = "POST /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/code-run HTTP/1.1";

std::string page_of(const std::string& items, std::string_view cursor = "null") {
  return R"({"items":[)" + items + R"(],"nextCursor":)" + std::string(cursor) + "}";
}

/// Look-ups of a sandbox whose creation was disturbed find none; what is asked besides is done.
std::string other_answer(const std::string& request) {
  if (request.starts_with(find_line)) return http_answer(200, page_of(""));
  return http_answer(200, sandbox_json("destroying"));
}

void create_plan(script& plot) {
  plot.reply(create_line, 200, sandbox_json("creating")).reply(get_line, 200, sandbox_json("starting"));
  plot.reply(get_line, 200, sandbox_json("started"));
  plot.otherwise = other_answer;
}

/// The answer of the creation is lost; the sandbox is found by the label that its request had.
void adopted_plan(script& plot) {
  plot.cut(create_line);
  plot.otherwise = [&plot](const std::string& request) {
    if (request.starts_with(remove_line)) return http_answer(200, sandbox_json("destroying"));
    if (!request.starts_with(find_line)) return http_answer(200, sandbox_json("started"));
    std::smatch id;
    const std::regex label(R"("daytona-cpp/create-id":"[0-9a-f]{32}")");
    const bool was_created = !plot.requests.empty() && std::regex_search(plot.requests.front(), id, label);
    if (!was_created) return http_answer(200, page_of(""));
    const auto labels = R"("labels":{)" + id[0].str() + ",";
    return http_answer(200,
                       page_of(std::regex_replace(sandbox_json("starting"), std::regex(R"("labels":\{)"), labels)));
  };
}

void get_plan(script& plot) { plot.reply(get_line, 200, sandbox_json("started")); }

void retried_plan(script& plot) {
  plot.reply(get_line, 503, R"({"message":"restarting"})", "Retry-After: 1\r\n")
      .reply(get_line, 200, sandbox_json("started"));
}

void find_plan(script& plot) { plot.reply(find_line, 200, page_of(sandbox_json("started"))); }

void list_plan(script& plot) {
  plot.reply("GET /api/sandbox HTTP/1.1", 200, page_of("", R"("c")"));
  plot.reply("GET /api/sandbox?cursor=c", 200, page_of(sandbox_json("started")));
}

void page_plan(script& plot) {
  plot.reply("GET /api/sandbox/paginated", 200, R"({"items":[],"total":0,"page":1,"totalPages":0})");
}

void page_fall_back_plan(script& plot) {
  plot.reply("GET /api/sandbox/paginated", 404, R"({"message":"Cannot GET /api/sandbox/paginated"})");
  list_plan(plot);
}

void start_plan(script& plot) {
  plot.reply(change_line, 200, sandbox_json("starting")).reply(get_line, 200, sandbox_json("starting"));
  plot.reply(get_line, 200, sandbox_json("started"));
}

void stop_plan(script& plot) {
  plot.reply(change_line, 200, sandbox_json("stopping")).reply(get_line, 200, sandbox_json("stopping"));
  plot.reply(get_line, 200, sandbox_json("stopped"));
}

void remove_plan(script& plot) {
  plot.reply(remove_line, 200, sandbox_json("destroying")).reply(get_line, 200, sandbox_json("destroying"));
  plot.reply(get_line, 200, sandbox_json("destroyed"));
}

void wait_for_start_plan(script& plot) {
  plot.reply(get_line, 200, sandbox_json("starting")).reply(get_line, 200, sandbox_json("started"));
}

void wait_for_stop_plan(script& plot) {
  plot.reply(get_line, 200, sandbox_json("stopping")).reply(get_line, 200, sandbox_json("stopped"));
}

void home_plan(script& plot) {
  plot.reply("GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/user-home-dir", 200, R"({"dir":"/home/daytona"})");
}

void work_plan(script& plot) {
  plot.reply("GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/work-dir", 200, R"({"dir":"/home/daytona"})");
}

void exec_plan(script& plot) { plot.reply(toolbox_execute_line, 200, executed); }

void exec_asking_plan(script& plot) {
  plot.reply("GET /api/sandbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/toolbox-proxy-url", 200,
             R"({"url":"http://daytona.test/toolbox"})");
  exec_plan(plot);
}

void run_plan(script& plot) { plot.reply(run_line, 200, executed); }

void unreachable_plan(script& plot) {
  plot.reply(toolbox_execute_line, 502, "<html>bad gateway</html>").reply(get_line, 200, sandbox_json("stopped"));
}

void with_sandbox_plan(script& plot) {
  create_plan(plot);
  plot.reply(toolbox_execute_line, 200, executed).reply(remove_line, 200, sandbox_json("destroying"));
}

asio::awaitable<void> create_default(client_fixture& fixture) { return discard(fixture.client().create()); }

asio::awaitable<void> create_from_snapshot(client_fixture& fixture) {
  create_from_snapshot_params params;
  params.snapshot = "worker";
  return discard(fixture.client().create(params));
}

asio::awaitable<void> create_from_image(client_fixture& fixture) {
  create_from_image_params params;
  params.image = "debian:12";
  return discard(fixture.client().create(params));
}

asio::awaitable<void> get(client_fixture& fixture) { return discard(fixture.client().get(sandbox_id)); }

asio::awaitable<void> find_one(client_fixture& fixture) {
  std::map<std::string, std::string> labels;
  labels["a"] = "1";
  return discard(fixture.client().find_one("", labels));
}

asio::awaitable<void> next(client_fixture& fixture) {
  auto list = fixture.client().list();
  return discard(list.next());
}

asio::awaitable<void> list_page(client_fixture& fixture) { return discard(fixture.client().list_page()); }

asio::awaitable<void> remove(client_fixture& fixture) {
  remove_options options;
  options.wait = true;
  return fixture.sandbox().remove(options);
}

asio::awaitable<void> remove_by_client(client_fixture& fixture) {
  remove_options options;
  options.wait = true;
  return fixture.client().remove(fixture.sandbox(), options);
}

/// What a cancelled creation does if nobody knows whether its sandbox is there: it looks four times, 200, 400 and 800 ms apart.
constexpr auto search = 1400ms;
/// A removal is out of the cancellation's reach.
constexpr auto removal = 10s;

/// A command without a limit would wait for ever for a peer that is silent.
constexpr auto command_limit = 10s;

exec_options limited() {
  exec_options options;
  options.timeout = command_limit;
  return options;
}

asio::awaitable<void> exec(client_fixture& fixture) {
  return discard(fixture.sandbox().process().exec("true", limited()));
}

asio::awaitable<void> exec_asking(client_fixture& fixture) {
  return discard(fixture.sandbox("started", "").process().exec("true", limited()));
}

/// The answer is an error, which the sandbox's state explains unless that can't be had: here that is the success.
asio::awaitable<void> exec_unreachable(client_fixture& fixture) {
  auto call = fixture.sandbox().process().exec("true", limited());
  try {
    co_await std::move(call);
  } catch (const daytona::error& e) {
    if (e.code() != errc::sandbox_stopped && e.code() != errc::bad_gateway) throw;
  }
}

asio::awaitable<void> exec_argv(client_fixture& fixture) {
  std::vector<std::string> argv(1, "true");
  return discard(fixture.sandbox().process().exec(argv, limited()));
}

asio::awaitable<void> code_run(client_fixture& fixture) {
  code_run_params params;
  params.timeout = command_limit;
  return discard(fixture.sandbox().process().code_run("1", params));
}

asio::awaitable<void> with_a_sandbox(client_fixture& fixture) {
  static const auto body = [](daytona::sandbox target) -> asio::awaitable<int> {
    const auto made = co_await target.process().exec("true", limited());
    co_return made.exit_code;
  };
  return discard(with_sandbox(fixture.client(), create_from_snapshot_params(), body));
}

}  // namespace

const std::vector<public_operation>& public_operations() {
  static const std::vector<public_operation> all{
      {"client::create", {create_plan, create_default, 11s, false, search}},
      {"client::create, from a snapshot", {create_plan, create_from_snapshot, 11s, false, search}},
      {"client::create, from an image", {create_plan, create_from_image, 11s, false, search}},
      {"client::create, whose answer is lost", {adopted_plan, create_default, 11s, false, search}},
      {"client::get", {get_plan, get}},
      {"client::get, answered with 503 first", {retried_plan, get, 5s}},
      {"client::find_one", {find_plan, find_one}},
      {"sandbox_list::next", {list_plan, next}},
      {"client::list_page", {page_plan, list_page}},
      {"client::list_page, of a server without the route", {page_fall_back_plan, list_page}},
      {"client::start", {start_plan, [](auto& with) { return with.client().start(with.sandbox("stopped")); }}},
      {"client::stop", {stop_plan, [](auto& with) { return with.client().stop(with.sandbox()); }}},
      {"client::remove", {remove_plan, remove_by_client}},
      {"sandbox::refresh_data", {get_plan, [](auto& with) { return with.sandbox().refresh_data(); }}},
      {"sandbox::start", {start_plan, [](auto& with) { return with.sandbox("stopped").start(); }}},
      {"sandbox::stop", {stop_plan, [](auto& with) { return with.sandbox().stop(); }}},
      {"sandbox::remove", {remove_plan, remove}},
      {"sandbox::wait_for_sandbox_start",
       {wait_for_start_plan, [](auto& with) { return with.sandbox("stopped").wait_for_sandbox_start(); }}},
      {"sandbox::wait_for_sandbox_stop",
       {wait_for_stop_plan, [](auto& with) { return with.sandbox().wait_for_sandbox_stop(); }}},
      {"sandbox::get_user_home_dir",
       {home_plan, [](auto& with) { return discard(with.sandbox().get_user_home_dir()); }}},
      {"sandbox::get_work_dir", {work_plan, [](auto& with) { return discard(with.sandbox().get_work_dir()); }}},
      {"process::exec", {exec_plan, exec}},
      {"process::exec, of an argument list", {exec_plan, exec_argv}},
      {"process::exec, after a question for the toolbox's address", {exec_asking_plan, exec_asking}},
      {"process::exec, in a sandbox that is stopped", {unreachable_plan, exec_unreachable}},
      {"process::code_run", {run_plan, code_run}},
      {"with_sandbox", {with_sandbox_plan, with_a_sandbox, 11s, true, removal}},
  };
  return all;
}

}  // namespace daytona::test
