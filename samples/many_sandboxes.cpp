// Many sandboxes at once from one thread. Run: ./dev run many_sandboxes [COUNT]
// Shows: a coroutine for each sandbox, with_sandbox, a table of latencies. Leaves out: output streams.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

struct tally {  // shared by all jobs, so that it outlives an interrupted sample
  tally(asio::any_io_executor executor, std::size_t count)
      : wanted(count), all_done(executor, clock_type::time_point::max()) {}

  void count(std::exception_ptr failure) {
    ++(failure ? failed : done);
    if (!first_failure) first_failure = failure;
    fmt::print("\r{} of {} done, {} failed", done, wanted, failed);
    std::fflush(stdout);
    if (done + failed == wanted) all_done.cancel();
  }

  std::size_t wanted, done = 0, failed = 0;
  std::exception_ptr first_failure;
  std::vector<double> create_ms, exec_ms, whole_ms;
  asio::steady_timer all_done;
};

double since(clock_type::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begin).count();
}

asio::awaitable<void> job(daytona::client client, std::size_t number, std::shared_ptr<tally> sum) {
  const auto begin = clock_type::now();
  auto multiply = [&](daytona::sandbox sandbox) -> asio::awaitable<void> {
    sum->create_ms.push_back(since(begin));
    const auto before = clock_type::now();
    auto answer = co_await sandbox.process().exec(fmt::format("echo $(( {} * {} ))", number, number));
    sum->exec_ms.push_back(since(before));
    if (answer.result != fmt::format("{}\n", number * number)) throw std::runtime_error("wrong: " + answer.result);
  };
  daytona::create_from_snapshot_params params;
  co_await daytona::with_sandbox(client, params, multiply);
  sum->whole_ms.push_back(since(begin));
}

void show(std::string_view what, std::vector<double> values) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  auto at = [&](double share) { return values[static_cast<std::size_t>(share * last)]; };
  fmt::print("{:<22}{:>10.1f}{:>10.1f}{:>10.1f}{:>10.1f}\n", what, at(0.5), at(0.9), at(0.99), at(1));
}

asio::awaitable<void> many(daytona::client client, std::vector<std::string> arguments) {
  auto executor = co_await asio::this_coro::executor;
  auto sum = std::make_shared<tally>(executor, arguments.empty() ? 50 : samples::number(arguments.front(), 10'000));
  const auto begin = clock_type::now();
  for (std::size_t number = 0; number < sum->wanted; ++number)
    asio::co_spawn(executor, job(client, number, sum), [sum](std::exception_ptr failure) { sum->count(failure); });
  boost::system::error_code ignored;
  if (sum->wanted > 0) co_await sum->all_done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));

  fmt::print("\n{} sandboxes in {:.2f} s from one thread\n", sum->done, since(begin) / 1000);
  fmt::print("{:<22}{:>10}{:>10}{:>10}{:>10}\n", "milliseconds", "p50", "p90", "p99", "max");
  show("create", sum->create_ms);
  show("exec", sum->exec_ms);
  show("create, exec, remove", sum->whole_ms);
  if (sum->first_failure) std::rethrow_exception(sum->first_failure);
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, many); }
