#include "client_streams.hpp"

#include <daytona/log_stream.hpp>
#include <daytona/pty.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <exception>
#include <utility>

#include "pass_on.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr std::size_t warm_up_size = 1024 * 1024;
constexpr std::chrono::seconds settling{1};
constexpr std::chrono::milliseconds between_looks{5};
constexpr const char* log_session = "s";

awaitable<void> follow_whole(sandbox target, std::string command, std::size_t size) {
  auto logs = co_await target.process().follow_session_command(log_session, std::move(command));
  std::size_t come = 0;
  for (;;) {
    const auto chunk = co_await logs.next();
    if (!chunk) break;
    come += chunk->bytes.size();
  }
  require(come <= size && come >= size / 20 * 19, "a log that is not as long as it was sent");
}

awaitable<void> measure_bulk(const run_settings& wanted) {
  auto its = client_for(wanted);
  const auto target = co_await its.get(compared_sandbox);
  const std::string_view kind = wanted.name == "logs_bulk" ? "bulk" : "lines";
  co_await follow_whole(target, fmt::format("{}-{}-{}", kind, warm_up_size, wanted.frame), warm_up_size);
  const auto memory_at_begin = memory("VmRSS");
  const auto begin = now(0);
  co_await follow_whole(target, fmt::format("{}-{}-{}", kind, wanted.size, wanted.frame), wanted.size);
  print_window(wanted, begin, now(1), memory_at_begin, fmt::format(",\"bytes\":{}", wanted.size));
}

/// What many streams have brought.
struct crowd {
  int heard = 0;  // streams
  long messages = 0;
};

/// `stream` outlives the call.
template <class Stream>
awaitable<void> hear(Stream& stream, crowd& all) {
  bool is_first = true;
  for (;;) {
    const auto message = co_await stream.next();
    if (!message) co_return;
    ++all.messages;
    if (std::exchange(is_first, false)) ++all.heard;
  }
}

awaitable<void> follow_on(sandbox target, const char* command, crowd& all) {
  auto logs = co_await target.process().follow_session_command(log_session, command);
  co_await hear(logs, all);
}

awaitable<void> watch_terminal(sandbox target, std::string id, crowd& all) {
  auto terminal = co_await target.process().connect_pty_session(std::move(id));
  co_await hear(terminal, all);
}

awaitable<void> stream_of(const run_settings& wanted, sandbox target, int number, crowd& all) {
  if (wanted.name == "pty_many") return watch_terminal(std::move(target), fmt::format("tick-1000-{}", number), all);
  return follow_on(std::move(target), wanted.name == "logs_many" ? "tick-1000" : "idle", all);
}

awaitable<void> rest(asio::steady_timer& timer, asio::steady_timer::duration time) {
  timer.expires_after(time);
  co_await timer.async_wait(asio::use_awaitable);
}

/// Ends when the client is closed under it, which is how the case ends.
void end_of_stream(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const error& e) {
    if (e.code() != errc::client_closed) throw;
  }
}

awaitable<void> measure_crowd(const run_settings& wanted) {
  const auto executor = co_await asio::this_coro::executor;
  auto its = client_for(wanted);
  const auto target = co_await its.get(compared_sandbox);
  const auto memory_before = memory("VmRSS");
  const auto start = now(0);
  crowd all;
  for (int n = 0; n < wanted.streams; ++n) asio::co_spawn(executor, stream_of(wanted, target, n, all), end_of_stream);
  asio::steady_timer timer(executor);
  while (all.heard < wanted.streams) co_await rest(timer, between_looks);
  const auto opened = now(0);
  co_await rest(timer, settling);
  const auto begin = now(all.messages);
  co_await rest(
      timer, std::chrono::duration_cast<asio::steady_timer::duration>(std::chrono::duration<double>(wanted.seconds)));
  const auto more = fmt::format(R"(,"streams":{},"rss_before_kib":{},"open_cpu_s":{:.6f},"open_wall_s":{:.6f})",
                                wanted.streams, memory_before, cpu_between(start, opened), wall_between(start, opened));
  print_window(wanted, begin, now(all.messages), memory("VmRSS"), more);
  its.close();
}

}  // namespace

bool run_streams(asio::io_context& io, const run_settings& wanted) {
  const bool is_bulk = wanted.name == "logs_bulk" || wanted.name == "logs_lines";
  const bool is_crowd = wanted.name == "logs_many" || wanted.name == "logs_idle" || wanted.name == "pty_many";
  if (!is_bulk && !is_crowd) return false;
  asio::co_spawn(io, is_bulk ? measure_bulk(wanted) : measure_crowd(wanted), pass_on);
  io.run();
  return true;
}

}  // namespace daytona::bench
