#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

#include "cases.hpp"
#include "cpus.hpp"
#include "rounds.hpp"
#include "server_process.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

constexpr double least_rate = 35'000;
constexpr double least_of_epoll = 0.5;

constexpr int long_commands = 1000;
constexpr int short_calls = 100;
constexpr std::chrono::milliseconds between_short_calls{100};
constexpr double longest_short_call_ms = 100;

void measure_rate(const server_process& server, std::size_t in_flight, const sink& tell) {
  setting wanted;
  wanted.port = server.port();
  wanted.in_flight = in_flight;
  const auto costs = measure_rounds({{"sdk", wanted}, {"epoll", wanted}});
  const auto rate = 1e6 / median(costs.wall_us[0]);
  const auto metric = fmt::format("calls of one thread, {} in flight", in_flight);
  tell({"pool", metric, rate, "calls/s", {}, {}, goal{least_rate, false, true}});
  tell({"pool", metric + ", base epoll", rate, "calls/s", 1e6 / median(costs.wall_us[1]),
        1 / paired_ratio(costs.wall_us[0], costs.wall_us[1]), goal{least_of_epoll, true, true}});
}

asio::awaitable<void> run_forever(sandbox target) {
  try {
    co_await target.process().exec("sleep forever");
  } catch (const error&) {
    // the client is closed in the end
  }
}

/// How long short calls take beside many that wait for their answers, each from the moment when it was due.
asio::awaitable<std::vector<double>> time_short_calls(client client) {
  auto executor = co_await asio::this_coro::executor;
  const auto target = co_await client.get(body_of(workload::get_small));
  for (int i = 0; i < long_commands; ++i) asio::co_spawn(executor, run_forever(target), asio::detached);
  std::vector<double> times;
  asio::steady_timer due(executor, steady::now());
  for (int i = 0; i < short_calls; ++i) {
    due.expires_at(due.expiry() + between_short_calls);
    co_await due.async_wait(asio::use_awaitable);
    co_await client.get(body_of(workload::get_small));
    times.push_back(std::chrono::duration<double, std::milli>(steady::now() - due.expiry()).count());
  }
  client.close();
  co_return times;
}

void measure_crowd(const server_process& server, const sink& tell) {
  asio::io_context io{1};
  config settings;
  settings.api_key = "dtn_bench";
  settings.api_url = fmt::format("http://127.0.0.1:{}/api", server.port());
  std::vector<double> times;
  asio::co_spawn(io, time_short_calls(client(settings)), [&](std::exception_ptr failure, std::vector<double> measured) {
    if (failure) std::rethrow_exception(failure);
    times = std::move(measured);
  });
  io.run();
  std::sort(times.begin(), times.end());
  tell({"pool", "short calls beside 1,000 long ones, median", median(times), "ms"});
  tell({"pool",
        "short calls beside 1,000 long ones, p99",
        times.at(times.size() * 99 / 100),
        "ms",
        {},
        {},
        goal{longest_short_call_ms}});
}

}  // namespace

void pool_case(const std::string&, const sink& tell) {
  if (!pin_to(client_cpu)) std::fputs("bench: can't pin to a CPU: the figures are worth less\n", stderr);
  const server_process server;
  for (const std::size_t in_flight : {std::size_t{16}, std::size_t{256}}) measure_rate(server, in_flight, tell);
  measure_crowd(server, tell);
}

}  // namespace daytona::bench
