#include <daytona/client.hpp>
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
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "cases.hpp"
#include "pass_on.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using clock_type = std::chrono::steady_clock;

constexpr int single_rounds = 20;
constexpr int crowd = 100;

double milliseconds_since(clock_type::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begin).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The processes of the sandboxes whose id begins so, by their environment.
std::vector<fs::path> processes_of(const std::string& sandbox_id) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto environment = content(entry.path() / "environ");
    if (environment.find("DAYTONA_SANDBOX_ID=" + sandbox_id) != std::string::npos) found.push_back(entry.path());
  }
  return found;
}

/// MiB that no other process shares.
double private_memory(const fs::path& process) {
  std::ifstream rollup(process / "smaps_rollup");
  double sum = 0;
  for (std::string key; rollup >> key;) {
    double size = 0;
    if (key.starts_with("Private_") && rollup >> size) sum += size;
  }
  return sum / 1024;
}

std::size_t count_mounts() {
  const auto mounts = content("/proc/self/mounts");
  return static_cast<std::size_t>(std::count(mounts.begin(), mounts.end(), '\n'));
}

asio::awaitable<void> use_one(client client) {
  auto made = co_await client.create();
  const auto answer = co_await made.process().exec("echo ready");
  if (answer.result != "ready\n") throw std::runtime_error("a sandbox gave a wrong answer: " + answer.result);
  co_await made.remove();
}

/// In milliseconds.
struct lifetime {
  double first_exec;
  double removal;
};

asio::awaitable<lifetime> live_once(client client) {
  const auto begin = clock_type::now();
  auto made = co_await client.create();
  co_await made.process().exec("true");
  lifetime taken{milliseconds_since(begin), 0};
  const auto end = clock_type::now();
  co_await made.remove();
  taken.removal = milliseconds_since(end);
  co_return taken;
}

asio::awaitable<double> use_a_crowd(client client) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer all_done(executor, clock_type::time_point::max());
  int left = crowd;
  std::exception_ptr failure;
  auto count = [&](std::exception_ptr ended) {
    if (ended) failure = ended;
    if (--left == 0) all_done.cancel();
  };
  const auto begin = clock_type::now();
  for (int n = 0; n < crowd; ++n) asio::co_spawn(executor, use_one(client), count);
  boost::system::error_code ignored;
  co_await all_done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (failure) std::rethrow_exception(failure);
  co_return milliseconds_since(begin) / 1000;
}

/// Of all processes of a sandbox, MiB. Another one beside it shares with it what all sandboxes share, the toolbox's program.
asio::awaitable<double> idle_memory(client client) {
  auto other = co_await client.create();
  auto made = co_await client.create();
  co_await other.process().exec("true");
  co_await made.process().exec("true");
  const auto processes = processes_of(made.id());
  if (processes.empty()) throw std::runtime_error("the sandbox's processes were not found");
  double memory = 0;
  for (const auto& each : processes) memory += private_memory(each);
  co_await made.remove();
  co_await other.remove();
  co_return memory;
}

asio::awaitable<void> measure(const sink& tell) {
  auto server = co_await local::server::start();
  client client{server.config()};
  co_await use_one(client);
  const auto mounts = count_mounts();

  std::vector<double> first_execs;
  std::vector<double> removals;
  for (int round = 0; round < single_rounds; ++round) {
    const auto taken = co_await live_once(client);
    first_execs.push_back(taken.first_exec);
    removals.push_back(taken.removal);
  }
  tell({"local", "create to first exec, median", median(first_execs), "ms", {}, {}, goal{50}});
  tell({"local", "removal, median", median(removals), "ms", {}, {}, goal{30}});
  const auto seconds = co_await use_a_crowd(client);
  tell({"local", "100 created, one exec each, removed", seconds, "s", {}, {}, goal{5}});
  const auto memory = co_await idle_memory(client);
  tell({"local", "private memory of an idle sandbox", memory, "MiB", {}, {}, goal{3}});

  tell({"local", "mounts left", static_cast<double>(count_mounts() - mounts), "", {}, {}, goal{0}});
  tell({"local", "processes left", static_cast<double>(processes_of("").size()), "", {}, {}, goal{0}});
  const auto data = server.data_directory();
  co_await server.stop();
  tell({"local", "files left", fs::exists(data) ? 1.0 : 0.0, "", {}, {}, goal{0}});
}

}  // namespace

void local_case(const std::string&, const sink& tell) {
  asio::io_context io{1};
  asio::co_spawn(io, measure(tell), pass_on);
  io.run();
}

}  // namespace daytona::bench
