// Sessions and terminals of the local backend, many at once: how long the echo of a line takes.
#include <daytona/daytona.hpp>
#include <daytona/local/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "cases.hpp"
#include "pass_on.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using steady = std::chrono::steady_clock;

constexpr int echo_sandboxes = 50, each_kind = 4;  // in a sandbox: 200 of each kind
constexpr int echo_rounds = 10;
constexpr std::chrono::milliseconds spread{1000};
constexpr double longest_echo_ms = 250;

/// Waits until all of `work` has ended; the failure of one is that of all.
awaitable<void> all_of(std::vector<awaitable<void>> work) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer done(executor, steady::time_point::max());
  auto left = work.size();
  std::exception_ptr failure;
  auto count = [&](std::exception_ptr ended) {
    if (ended) failure = ended;
    if (--left == 0) done.cancel();
  };
  for (auto& each : work) asio::co_spawn(executor, std::move(each), count);
  boost::system::error_code ignored;
  co_await done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (failure) std::rethrow_exception(failure);
}

/// What repeats a line that it is sent: a terminal, or a command of a session whose log is followed.
class echo {
 public:
  virtual ~echo() = default;
  virtual awaitable<void> open(sandbox where, std::string id) = 0;
  virtual awaitable<void> send(std::string line) = 0;
  virtual awaitable<std::string> receive() = 0;

  awaitable<void> wait_for(std::string line) {
    co_await send(line + "\n");
    std::string seen;
    while (seen.find(line) == std::string::npos) seen += co_await receive();
  }
};

class pty_echo final : public echo {
 public:
  awaitable<void> open(sandbox where, std::string id) override {
    terminal_ = co_await where.process().create_pty_session(id);
    co_await terminal_.send_input("stty raw -echo; printf '%s-%s' now raw; exec cat\n");
    std::string seen;
    while (seen.find("now-raw") == std::string::npos) seen += co_await receive();
  }
  awaitable<void> send(std::string line) override { return terminal_.send_input(line); }
  awaitable<std::string> receive() override {
    auto output = co_await terminal_.next();
    if (!output) throw std::runtime_error("a terminal ended");
    co_return std::move(*output);
  }

 private:
  pty_handle terminal_;
};

class session_echo final : public echo {
 public:
  awaitable<void> open(sandbox where, std::string id) override {
    process_.emplace(where.process());
    session_ = id;
    co_await process_->create_session(session_);
    session_execute_request request;
    request.command = "cat";
    request.run_async = true;
    request.suppress_input_echo = true;
    auto started = co_await process_->execute_session_command(session_, request);
    command_ = started.cmd_id;
    logs_ = co_await process_->follow_session_command(session_, command_);
    co_await await_command();
  }
  awaitable<void> send(std::string line) override {
    return process_->send_session_command_input(session_, command_, line);
  }
  awaitable<std::string> receive() override {
    auto chunk = co_await logs_.next();
    if (!chunk) throw std::runtime_error("a session's command ended");
    co_return std::move(chunk->bytes);
  }

 private:
  /// It takes input once it runs.
  awaitable<void> await_command() {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer soon(executor);
    for (bool runs = false; !runs;) {
      soon.expires_after(std::chrono::milliseconds{20});
      co_await soon.async_wait(asio::use_awaitable);
      try {
        co_await wait_for("first");
        runs = true;
      } catch (const internal_server_error&) {
      }
    }
  }

  std::optional<process> process_;
  std::string session_, command_;
  log_stream logs_;
};

awaitable<void> measure_echo(echo& one, std::string line, std::chrono::nanoseconds after, double& milliseconds) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer begin(executor, after);
  co_await begin.async_wait(asio::use_awaitable);
  const auto sent = steady::now();
  co_await one.wait_for(std::move(line));
  milliseconds = std::chrono::duration<double, std::milli>(steady::now() - sent).count();
}

/// Of rounds in which every one echoes a line, begun within `within`: the longest time, and the median.
awaitable<std::pair<double, double>> longest_and_median(std::vector<echo*> all, std::chrono::nanoseconds within) {
  std::vector<double> times;
  for (int round = 0; round < echo_rounds; ++round) {
    std::vector<double> taken(all.size());
    std::vector<awaitable<void>> work;
    work.reserve(all.size());
    for (std::size_t n = 0; n < all.size(); ++n) {
      const auto after = within * static_cast<std::int64_t>(n) / static_cast<std::int64_t>(all.size());
      work.push_back(measure_echo(*all[n], "line " + std::to_string(round) + ".", after, taken[n]));
    }
    co_await all_of(std::move(work));
    times.insert(times.end(), taken.begin(), taken.end());
  }
  std::sort(times.begin(), times.end());
  co_return std::pair(times.back(), times[times.size() / 2]);
}

awaitable<void> open_in_sandbox(client client, std::vector<std::unique_ptr<echo>>& all) {
  auto where = co_await client.create();
  for (int n = 0; n < each_kind; ++n) {
    auto terminal = std::make_unique<pty_echo>();
    co_await terminal->open(where, "t" + std::to_string(n));
    all.push_back(std::move(terminal));
    auto session = std::make_unique<session_echo>();
    co_await session->open(where, "s" + std::to_string(n));
    all.push_back(std::move(session));
  }
}

std::vector<echo*> chosen(const std::vector<std::unique_ptr<echo>>& all, bool terminals) {
  std::vector<echo*> found;
  for (const auto& each : all)
    if ((dynamic_cast<pty_echo*>(each.get()) != nullptr) == terminals) found.push_back(each.get());
  return found;
}

awaitable<void> measure_streams(const sink& tell) {
  auto server = co_await local::server::start();
  client client{server.config()};
  std::vector<std::unique_ptr<echo>> all;
  std::vector<awaitable<void>> work;
  work.reserve(echo_sandboxes);
  for (int n = 0; n < echo_sandboxes; ++n) work.push_back(open_in_sandbox(client, all));
  co_await all_of(std::move(work));

  constexpr const char* of_case = "local_streams";
  for (const bool terminals : {true, false}) {
    const std::string what = terminals ? "200 PTYs" : "200 sessions";
    const auto [longest, median] = co_await longest_and_median(chosen(all, terminals), spread);
    tell({of_case, what + ", a line each second, longest echo", longest, "ms", {}, {}, goal{longest_echo_ms}});
    tell({of_case, what + ", a line each second, median echo", median, "ms"});
  }
  std::vector<echo*> every;
  every.reserve(all.size());
  for (const auto& each : all) every.push_back(each.get());
  const auto [apart, apart_median] = co_await longest_and_median(every, spread);
  tell({of_case, "both, a line each second, longest echo", apart, "ms", {}, {}, goal{longest_echo_ms}});
  const auto [together, together_median] = co_await longest_and_median(every, std::chrono::nanoseconds{0});
  tell({of_case, "both, all lines at the same moment, longest echo", together, "ms", {}, {}, goal{longest_echo_ms}});
  all.clear();
  co_await server.stop();
}

}  // namespace

void local_streams_case(const std::string&, const sink& tell) {
  asio::io_context io{1};
  asio::co_spawn(io, measure_streams(tell), pass_on);
  io.run();
}

}  // namespace daytona::bench
