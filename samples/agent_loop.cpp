// One task with a terminal, an interpreter and a followed log open, that makes short calls meanwhile. Run: ./dev run agent_loop
// Shows: three streams of one sandbox beside each other in one thread, and how long a short call takes beside them. Leaves out: who decides what to do next.
#include <boost/asio.hpp>

#include <chrono>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

struct streams {  // shared by those that watch, so that it outlives an interrupted sample
  explicit streams(const asio::any_io_executor& executor) : all_ended(executor, clock_type::time_point::max()) {}
  daytona::log_stream log;
  daytona::execution_stream program;
  daytona::pty_handle terminal;
  std::size_t requests = 0, results = 0, open = 3;
  std::string screen;
  asio::steady_timer all_ended;
};
using streams_ptr = std::shared_ptr<streams>;

asio::awaitable<void> watch_log(streams_ptr all) {
  while (auto chunk = co_await all->log.next())
    all->requests += static_cast<std::size_t>(std::count(chunk->bytes.begin(), chunk->bytes.end(), '\n'));
}
asio::awaitable<void> watch_program(streams_ptr all) {
  while (const auto event = co_await all->program.next())
    all->results += static_cast<std::size_t>(std::count(event->text.begin(), event->text.end(), '\n'));
}
asio::awaitable<void> watch_terminal(streams_ptr all) {
  while (auto bytes = co_await all->terminal.next()) all->screen += *bytes;
}

asio::awaitable<void> open_all(daytona::sandbox sandbox, streams_ptr all) {
  daytona::process process = sandbox.process();
  daytona::session_execute_request server;
  server.command = "until [ -e /tmp/enough ]; do echo GET /; sleep 0.02; done";
  server.run_async = true;
  co_await process.create_session("server");
  auto started = co_await process.execute_session_command("server", server);
  all->log = co_await process.follow_session_command("server", started.cmd_id);
  all->program = co_await sandbox.code_interpreter().stream_code(
      "import os, time\nwhile not os.path.exists('/tmp/enough'):\n  print(time.time(), flush=True); time.sleep(0.05)");
  all->terminal = co_await process.create_pty_session("shell");
}

asio::awaitable<void> work_in(daytona::sandbox sandbox) {
  const auto executor = co_await asio::this_coro::executor;
  const auto all = std::make_shared<streams>(executor);
  co_await open_all(sandbox, all);
  const auto ended = [all](std::exception_ptr) {
    if (--all->open == 0) all->all_ended.cancel();
  };
  asio::co_spawn(executor, watch_log(all), ended);
  asio::co_spawn(executor, watch_program(all), ended);
  asio::co_spawn(executor, watch_terminal(all), ended);
  for (int step = 1; step <= 10; ++step) {
    const auto begin = clock_type::now();
    auto answer = co_await sandbox.process().exec(fmt::format("sleep 0.1; printf %d $(({0} * {0}))", step));
    const auto time = std::chrono::duration<double, std::milli>(clock_type::now() - begin).count();
    co_await all->terminal.send_input(fmt::format("echo step {0} gave $(({0} * {0}))\n", step));
    fmt::print("step {:>2}: {:>3} after {:.1f} ms, {:>3} requests, {:>2} results, {:>4} bytes on the terminal\n", step,
               answer.result, time, all->requests, all->results, all->screen.size());
  }
  co_await all->terminal.send_input("touch /tmp/enough; exit\n");
  co_await all->all_ended.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto seen = all->screen.find("step 10 gave 100") != std::string::npos ? "stands" : "is missing";
  fmt::print("all three have ended, the last step {} on the terminal\n", seen);
}

asio::awaitable<void> loop(daytona::client client, std::vector<std::string>) {
  return daytona::with_sandbox(client, daytona::create_from_snapshot_params(), work_in);  // removed also by Ctrl-C
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, loop); }
