// Follows three commands at once, each in its colour, and what goes wrong in red. Run: ./dev run follow_logs
// Shows: sessions, commands that are not waited for, log streams in one thread, exit codes. Leaves out: reconnecting (the library does it).
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include <memory>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;

struct job {
  std::string_view name, colour, command;
};
constexpr job jobs[] = {
    {"build", "\x1b[32m", "for n in $(seq 5); do echo compiling $n; sleep 0.3; done; echo 'unused variable' >&2"},
    {"test", "\x1b[34m", "for n in $(seq 4); do sleep 0.35; echo passed $n; done; echo 'failed 5' >&2; (exit 1)"},
    {"serve", "\x1b[35m", "echo listening; for n in $(seq 3); do sleep 0.5; echo GET /$n; done"},
};

/// Lines of one output, each behind the name of its job.
class line_printer {
 public:
  line_printer(std::string_view name, std::string_view colour) : name_(name), colour_(colour) {}
  void put(std::string_view text) {
    rest_ += text;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      const bool coloured = ::isatty(STDOUT_FILENO) == 1;
      const auto line = std::string_view{rest_}.substr(0, end);
      fmt::print("{}{:<6}{}{}\n", coloured ? colour_ : "", name_, line, coloured ? "\x1b[0m" : "");
      rest_.erase(0, end + 1);
    }
    std::fflush(stdout);
  }

 private:
  std::string_view name_, colour_;
  std::string rest_;
};

asio::awaitable<void> follow(daytona::process process, job what) {
  co_await process.create_session(what.name);
  daytona::session_execute_request request;
  request.command = what.command;
  request.run_async = true;
  auto started = co_await process.execute_session_command(what.name, request);
  daytona::log_stream log = co_await process.follow_session_command(what.name, started.cmd_id);
  line_printer out(what.name, what.colour), err(what.name, "\x1b[31m");
  while (auto chunk = co_await log.next())
    (chunk->source == daytona::log_source::stdout_ ? out : err).put(chunk->bytes);
  auto ended = co_await process.get_session_command(what.name, started.cmd_id);
  out.put(fmt::format("ended with {}\n", ended.exit_code.value_or(-1)));
}

asio::awaitable<void> follow_all(daytona::sandbox sandbox) {
  const auto executor = co_await asio::this_coro::executor;
  const auto all_ended = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const auto running = std::make_shared<std::size_t>(std::size(jobs));
  const auto failure = std::make_shared<std::exception_ptr>();
  for (const auto& each : jobs)
    asio::co_spawn(executor, follow(sandbox.process(), each), [=](std::exception_ptr e) {
      if (e) *failure = e;
      if (--*running == 0) all_ended->cancel();
    });
  co_await all_ended->async_wait(asio::as_tuple(asio::use_awaitable));
  if (*failure) std::rethrow_exception(*failure);
}

asio::awaitable<void> follow_logs(daytona::client client, std::vector<std::string>) {
  return daytona::with_sandbox(client, daytona::create_from_snapshot_params(), follow_all);  // removed also by Ctrl-C
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, follow_logs); }
