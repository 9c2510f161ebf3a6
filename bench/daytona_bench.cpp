// A client program of the comparison with other SDKs, on the public API alone.
// Called as `daytona_bench --case NAME --url http://127.0.0.1:PORT [--key value …]`; prints one line of JSON at its end.
#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

#include "client_run.hpp"
#include "client_streams.hpp"
#include "pass_on.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using steady = std::chrono::steady_clock;

// One call of each case. Each checks what it got.

awaitable<void> exec_and_check(sandbox target, std::size_t output_size) {
  const auto result = co_await target.process().exec("ls -l");
  require(result.exit_code == 0, "an exit code that is not 0");
  require(result.result.size() == output_size, "output that is not as long as it was sent");
}

awaitable<void> exec_once(client, sandbox target) { return exec_and_check(target, run_settings().output_size); }

awaitable<void> list_once(client its, sandbox) {
  auto all = its.list();
  int count = 0;
  for (;;) {
    const auto one = co_await all.next();
    if (!one) break;
    require(!one->id().empty(), "a sandbox without an id");
    ++count;
  }
  require(count == 50, "not 50 sandboxes");
}

awaitable<void> create_delete_once(client its, sandbox) {
  auto made = co_await its.create();
  require(made.state() == sandbox_state::started, "a sandbox that is not started");
  co_await made.remove();
}

using call = awaitable<void> (*)(client, sandbox);
const std::map<std::string, call> calls{
    {"exec", exec_once}, {"list", list_once}, {"create_delete", create_delete_once}};

/// The callers' common count, and where the measured window begins and ends.
class window {
 public:
  window(const run_settings& wanted, steady::time_point start) : wanted_(wanted), start_(start) {}

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

  void print() const { print_window(wanted_, begin_, end_, memory_at_begin_); }

 private:
  run_settings wanted_;
  steady::time_point start_;
  long calls_ = 0;
  bool begun_ = false, over_ = false;
  long memory_at_begin_ = 0;
  moment begin_, end_;
};

awaitable<void> call_repeatedly(call one, client its, sandbox target, window& counted) {
  while (!counted.is_over()) {
    co_await one(its, target);
    counted.count_call();
  }
}

awaitable<void> get_sandbox(client its, sandbox& into) { into = co_await its.get(compared_sandbox); }

awaitable<void> start_up(client its, std::size_t output_size) {
  const auto target = co_await its.get(compared_sandbox);
  co_await exec_and_check(target, output_size);
}

void run_start_up(asio::io_context& io, const run_settings& wanted) {
  const auto its = client_for(wanted);
  asio::co_spawn(io, start_up(its, wanted.output_size), pass_on);
  io.run();
  its.close();
  std::printf("{\"case\":\"startup\",\"max_rss_kib\":%ld}\n", memory("VmHWM"));
}

void run_loop(asio::io_context& io, const run_settings& wanted, call one) {
  const auto its = client_for(wanted);
  sandbox target;
  asio::co_spawn(io, get_sandbox(its, target), pass_on);
  io.run();
  io.restart();
  window counted(wanted, steady::now());
  for (int i = 0; i < wanted.callers; ++i) asio::co_spawn(io, call_repeatedly(one, its, target, counted), pass_on);
  io.run();
  counted.print();
}

/// False if there is no case of that name.
bool run_case(const run_settings& wanted) {
  asio::io_context io{1};
  if (wanted.name == "startup") {
    run_start_up(io, wanted);
    return true;
  }
  const auto found = calls.find(wanted.name);
  if (found == calls.end()) return run_streams(io, wanted);
  run_loop(io, wanted, found->second);
  return true;
}

}  // namespace

}  // namespace daytona::bench

int main(int count, char** words) {
  constexpr int unknown_case = 3;
  daytona::bench::run_settings wanted;
  try {
    wanted = daytona::bench::settings_from(count, words);
    return daytona::bench::run_case(wanted) ? 0 : unknown_case;
  } catch (const std::exception& e) {
    std::printf("{\"case\":\"%s\",\"error\":\"%s\"}\n", wanted.name.c_str(), e.what());
    return 1;
  }
}
