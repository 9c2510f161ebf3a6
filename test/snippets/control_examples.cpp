// The examples in the comments of client.hpp, sandbox.hpp, list_sandboxes.hpp, with_sandbox.hpp and local/server.hpp.
#include <daytona/local/server.hpp>
#include <daytona/with_sandbox.hpp>

#include <fmt/format.h>

#include "examples.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> create_sandbox(daytona::client client) {
  // snippet: create
  daytona::create_from_snapshot_params params;
  params.language = daytona::code_language::python;
  params.auto_stop_interval = 5min;
  daytona::sandbox sandbox = co_await client.create(params);
  // end
  co_await sandbox.remove();
}

asio::awaitable<void> get_sandbox(daytona::client client, daytona::sandbox known) {
  const std::string name = known.id();
  // snippet: get
  daytona::sandbox sandbox = co_await client.get(name);
  const bool is_down = sandbox.state() == daytona::sandbox_state::stopped;
  if (is_down) co_await sandbox.start();
  // end
}

asio::awaitable<void> find_one(daytona::client client) {
  // snippet: find_one
  std::map<std::string, std::string> labels{{"job", "nightly"}};
  daytona::sandbox sandbox = co_await client.find_one("", labels);
  co_await sandbox.refresh_data();
  // end
}

asio::awaitable<void> list_sandbox(daytona::client client) {
  // snippet: list
  daytona::list_sandboxes_query query;
  query.states = {daytona::sandbox_state::started};
  daytona::sandbox_list running = client.list(query);
  while (auto sandbox = co_await running.next()) fmt::print("{}\n", sandbox->name());
  // end
}

asio::awaitable<void> next_sandbox(daytona::client client) {
  // snippet: next_sandbox
  daytona::sandbox_list all = client.list();
  while (auto sandbox = co_await all.next()) {
    if (sandbox->cpu() >= 8) fmt::print("{} is large\n", sandbox->id());
  }
  // end
}

asio::awaitable<void> list_page(daytona::client client) {
  // snippet: list_page
  std::map<std::string, std::string> labels;  // none: all sandboxes
  auto first = co_await client.list_page(labels, 1, 20);
  fmt::print("{} of {} sandboxes\n", first.items.size(), first.total);
  // end
}

asio::awaitable<void> client_stop(daytona::client client, daytona::sandbox sandbox) {
  // snippet: client_stop
  daytona::stop_options options;
  options.force = true;
  co_await client.stop(sandbox, options);
  // end
}

asio::awaitable<void> client_start(daytona::client client, daytona::sandbox sandbox) {
  // snippet: client_start
  daytona::start_options options;
  options.timeout = 2min;
  co_await client.start(sandbox, options);
  // end
}

asio::awaitable<void> client_remove(daytona::client client) {
  auto sandbox = co_await client.create();
  // snippet: client_remove
  daytona::remove_options options;
  options.wait = true;
  co_await client.remove(sandbox, options);
  // end
}

asio::awaitable<void> refresh_data(daytona::sandbox sandbox) {
  // snippet: refresh_data
  co_await sandbox.refresh_data();
  const auto reason = sandbox.error_reason();
  fmt::print("{}: {}\n", sandbox.state_text(), reason.value_or("nothing is wrong"));
  // end
}

asio::awaitable<void> stop_sandbox(daytona::sandbox sandbox) {
  // snippet: stop
  daytona::stop_options options;
  options.timeout = 2min;
  co_await sandbox.stop(options);
  // end
}

asio::awaitable<void> start_sandbox(daytona::sandbox sandbox) {
  // snippet: start
  daytona::start_options options;
  options.timeout = 2min;
  co_await sandbox.start(options);
  // end
}

asio::awaitable<void> remove_at_last(daytona::client client) {
  auto sandbox = co_await client.create();
  // snippet: remove
  daytona::remove_options options;
  options.wait = true;  // its name is free again
  co_await sandbox.remove(options);
  // end
}

asio::awaitable<void> wait_for_start(daytona::sandbox sandbox) {
  // snippet: wait_for_sandbox_start
  daytona::wait_options options;
  options.timeout = 5min;
  co_await sandbox.wait_for_sandbox_start(options);  // another program starts it
  // end
}

asio::awaitable<void> wait_for_stop(daytona::sandbox sandbox) {
  co_await sandbox.stop();
  // snippet: wait_for_sandbox_stop
  daytona::wait_options options;
  options.timeout = 0s;  // however long it takes
  co_await sandbox.wait_for_sandbox_stop(options);
  // end
  co_await sandbox.start();
}

asio::awaitable<void> get_user_home_dir(daytona::sandbox sandbox) {
  // snippet: get_user_home_dir
  daytona::exec_options options;
  options.cwd = co_await sandbox.get_user_home_dir();
  auto listing = co_await sandbox.process().exec("ls -a", options);
  // end
  fmt::print("{}", listing.result);
}

asio::awaitable<void> get_work_dir(daytona::sandbox sandbox) {
  // snippet: get_work_dir
  const std::string folder = co_await sandbox.get_work_dir();
  auto used = co_await sandbox.process().exec("du -sh .");  // runs there
  fmt::print("{}: {}", folder, used.result);
  // end
}

asio::awaitable<void> with_sandbox(daytona::client client) {
  // snippet: with_sandbox
  daytona::create_from_snapshot_params params;
  auto body = [](daytona::sandbox sandbox) -> asio::awaitable<std::string> {
    auto answer = co_await sandbox.process().exec("whoami");
    co_return answer.result;
  };
  const std::string user = co_await daytona::with_sandbox(client, params, body);
  // end
}

asio::awaitable<void> server_start() {
  // snippet: server_start
  daytona::local::server_options options;
  options.max_sandboxes = 20;
  auto server = co_await daytona::local::server::start(options);
  daytona::client client{server.config()};
  // end
  client.close();
  co_await server.stop();
}

asio::awaitable<void> server_stop() {
  // snippet: server_stop
  auto server = co_await daytona::local::server::start();
  daytona::client client{server.config()};
  daytona::sandbox sandbox = co_await client.create();
  co_await server.stop();  // ends the sandbox too
  // end
}

}  // namespace

std::vector<example> control_examples() {
  return {of("create", create_sandbox),
          of("get", get_sandbox),
          of("find_one", find_one),
          of("list", list_sandbox),
          of("next_sandbox", next_sandbox),
          of("list_page", list_page),
          of("client_stop", client_stop),
          of("client_start", client_start),
          of("client_remove", client_remove),
          of("refresh_data", refresh_data),
          of("stop", stop_sandbox),
          of("start", start_sandbox),
          of("remove", remove_at_last),
          of("wait_for_sandbox_start", wait_for_start),
          of("wait_for_sandbox_stop", wait_for_stop),
          of("get_user_home_dir", get_user_home_dir),
          of("get_work_dir", get_work_dir),
          of("with_sandbox", with_sandbox),
          of("server_start", server_start),
          of("server_stop", server_stop)};
}
