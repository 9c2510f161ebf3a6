// A client program of the comparison with other SDKs, on the public API alone.
// Called as `daytona_bench --case NAME --url http://127.0.0.1:PORT [--c N --warm SECONDS --secs SECONDS]`; prints one line of JSON at its end.
#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "pass_on.hpp"

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using steady = std::chrono::steady_clock;

constexpr std::string_view sandbox_id = "5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59";

struct settings {
  std::string name;
  std::string url;
  int callers = 1;
  double warm_up_seconds = 1;
  double seconds = 2;
  std::size_t output_size = 240;  ///< Of the command, as the server sends it.
};

settings settings_from(int count, char** words) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2) given[words[i]] = words[i + 1];
  settings wanted;
  wanted.name = given["--case"];
  wanted.url = given["--url"];
  if (given.contains("--c")) wanted.callers = std::stoi(given["--c"]);
  if (given.contains("--warm")) wanted.warm_up_seconds = std::stod(given["--warm"]);
  if (given.contains("--secs")) wanted.seconds = std::stod(given["--secs"]);
  if (given.contains("--output")) wanted.output_size = std::stoul(given["--output"]);
  return wanted;
}

daytona::client client_for(const settings& wanted) {
  daytona::config config;
  config.api_key = "dtn_bench";
  config.api_url = wanted.url + "/api";
  return daytona::client(config);
}

/// A line of /proc/self/status in KiB: VmRSS or VmHWM.
long memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::atol(line.c_str() + key.size() + 1);
  return 0;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

// One call of each case. Each checks what it got.

awaitable<void> exec_and_check(daytona::sandbox target, std::size_t output_size) {
  const auto result = co_await target.process().exec("ls -l");
  require(result.exit_code == 0, "an exit code that is not 0");
  require(result.result.size() == output_size, "output that is not as long as it was sent");
}

awaitable<void> exec_once(daytona::client, daytona::sandbox target) {
  return exec_and_check(target, settings().output_size);
}

awaitable<void> list_once(daytona::client client, daytona::sandbox) {
  auto all = client.list();
  int count = 0;
  for (;;) {
    const auto one = co_await all.next();
    if (!one) break;
    require(!one->id().empty(), "a sandbox without an id");
    ++count;
  }
  require(count == 50, "not 50 sandboxes");
}

awaitable<void> create_delete_once(daytona::client client, daytona::sandbox) {
  auto made = co_await client.create();
  require(made.state() == daytona::sandbox_state::started, "a sandbox that is not started");
  co_await made.remove();
}

using call = awaitable<void> (*)(daytona::client, daytona::sandbox);
const std::map<std::string, call> calls{
    {"exec", exec_once}, {"list", list_once}, {"create_delete", create_delete_once}};

struct moment {
  long calls = 0;
  steady::time_point time = steady::now();
  rusage used{};
};

moment now(long calls_so_far) {
  moment here;
  here.calls = calls_so_far;
  ::getrusage(RUSAGE_SELF, &here.used);
  return here;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// The callers' common count, and where the measured window begins and ends.
class window {
 public:
  window(const settings& wanted, steady::time_point start) : wanted_(wanted), start_(start) {}

  bool is_over() const { return over_; }

  void count_call() {
    ++calls_;
    const double passed = std::chrono::duration<double>(steady::now() - start_).count();
    if (!begun_ && passed > wanted_.warm_up_seconds) {
      begun_ = true;
      memory_at_begin_ = memory("VmRSS");
      begin_ = now(calls_);
    }
    if (!over_ && passed > wanted_.warm_up_seconds + wanted_.seconds) {
      over_ = true;
      end_ = now(calls_);
    }
  }

  void print() const {
    std::printf(
        R"({"case":"%s","n":%ld,"concurrency":%d,"wall_s":%.6f,"cpu_user_s":%.6f,"cpu_sys_s":%.6f,"rss0_kib":%ld,"max_rss_kib":%ld})"
        "\n",
        wanted_.name.c_str(), end_.calls - begin_.calls, wanted_.callers,
        std::chrono::duration<double>(end_.time - begin_.time).count(),
        seconds(end_.used.ru_utime) - seconds(begin_.used.ru_utime),
        seconds(end_.used.ru_stime) - seconds(begin_.used.ru_stime), memory_at_begin_, memory("VmHWM"));
  }

 private:
  settings wanted_;
  steady::time_point start_;
  long calls_ = 0;
  bool begun_ = false, over_ = false;
  long memory_at_begin_ = 0;
  moment begin_, end_;
};

awaitable<void> call_repeatedly(call one, daytona::client client, daytona::sandbox target, window& counted) {
  while (!counted.is_over()) {
    co_await one(client, target);
    counted.count_call();
  }
}

awaitable<void> get_sandbox(daytona::client client, daytona::sandbox& into) { into = co_await client.get(sandbox_id); }

awaitable<void> start_up(daytona::client client, std::size_t output_size) {
  const auto target = co_await client.get(sandbox_id);
  co_await exec_and_check(target, output_size);
}

void run_start_up(asio::io_context& io, const settings& wanted) {
  const auto client = client_for(wanted);
  asio::co_spawn(io, start_up(client, wanted.output_size), daytona::bench::pass_on);
  io.run();
  client.close();
  std::printf("{\"case\":\"startup\",\"max_rss_kib\":%ld}\n", memory("VmHWM"));
}

void run_loop(asio::io_context& io, const settings& wanted, call one) {
  const auto client = client_for(wanted);
  daytona::sandbox target;
  asio::co_spawn(io, get_sandbox(client, target), daytona::bench::pass_on);
  io.run();
  io.restart();
  window counted(wanted, steady::now());
  for (int i = 0; i < wanted.callers; ++i)
    asio::co_spawn(io, call_repeatedly(one, client, target, counted), daytona::bench::pass_on);
  io.run();
  counted.print();
}

}  // namespace

int main(int count, char** words) {
  constexpr int unknown_case = 3;
  settings wanted;
  try {
    wanted = settings_from(count, words);
    asio::io_context io{1};
    if (wanted.name == "startup") {
      run_start_up(io, wanted);
      return 0;
    }
    const auto found = calls.find(wanted.name);
    if (found == calls.end()) return unknown_case;
    run_loop(io, wanted, found->second);
    return 0;
  } catch (const std::exception& e) {
    std::printf("{\"case\":\"%s\",\"error\":\"%s\"}\n", wanted.name.c_str(), e.what());
    return 1;
  }
}
