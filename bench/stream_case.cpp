// Followed logs and terminals: bulk, many at once, beside short calls, and the echo of a key.
#include <daytona/daytona.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "cases.hpp"
#include "cpus.hpp"
#include "protocol/web_socket_frames.hpp"
#include "rounds.hpp"
#include "server_process.hpp"
#include "stream_server.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using steady = std::chrono::steady_clock;

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t bulk_size = 256 * mebibyte, long_log = 1024 * mebibyte;
constexpr std::size_t bulk_rounds = 7;
constexpr double most_of_raw = 2.5;

constexpr int many = 10'000;
constexpr std::chrono::seconds streams_watched{10};
constexpr double most_kib_a_stream = 8, most_cpu_percent = 15, most_mib = 100;

constexpr double longest_call_beside_a_log_ms = 5;
constexpr std::size_t keys = 2000;
constexpr double most_of_raw_echo = 2;

double cpu_so_far() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return cpu_seconds(used);
}

double resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
  throw std::runtime_error("no VmRSS in /proc/self/status");
}

config settings_at(std::uint16_t port) {
  config settings;
  settings.api_key = "dtn_bench";
  settings.api_url = fmt::format("http://127.0.0.1:{}/api", port);
  return settings;
}

void run(awaitable<void> work) {
  asio::io_context io{1};
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

awaitable<std::size_t> follow(sandbox target, std::string command) {
  auto logs = co_await target.process().follow_session_command("bench", command);
  std::size_t size = 0;
  for (;;) {
    const auto chunk = co_await logs.next();
    if (!chunk) co_return size;
    size += chunk->bytes.size();
  }
}

void check_whole(std::uint64_t size) {
  if (size < bulk_size / 20 * 19) throw std::runtime_error(fmt::format("the log had {} bytes", size));
}

awaitable<void> follow_bulk(std::uint16_t port, std::string command) {
  client its{settings_at(port)};
  const auto target = co_await its.get("sandbox");
  const auto size = co_await follow(target, std::move(command));
  check_whole(size);
}

void measure_bulk(const stream_server& server, std::string_view kind, std::string_view name, const sink& tell) {
  const auto command = fmt::format("{}-{}", kind, bulk_size);
  const auto path = "/toolbox/s/process/session/bench/command/" + command + "/logs?follow=true";
  constexpr double pieces = static_cast<double>(bulk_size) / static_cast<double>(mebibyte);
  std::vector<double> own, raw;
  for (std::size_t round = 0; round < bulk_rounds; ++round) {
    auto before = cpu_so_far();
    run(follow_bulk(server.port(), command));
    own.push_back((cpu_so_far() - before) * 1e6 / pieces);
    before = cpu_so_far();
    check_whole(raw_stream(server.port(), path).read_log());
    raw.push_back((cpu_so_far() - before) * 1e6 / pieces);
  }
  tell({"streams", fmt::format("followed log, {}, CPU, base raw client", name), median(own), "us/MiB", median(raw),
        paired_ratio(own, raw), goal{most_of_raw, true}});
}

/// Reads until the client is closed.
awaitable<void> follow_on(sandbox target, std::string command, int& open) {
  try {
    auto logs = co_await target.process().follow_session_command("bench", command);
    ++open;
    for (;;) {
      const auto chunk = co_await logs.next();
      if (!chunk) co_return;
    }
  } catch (const error& e) {
    if (e.code() != errc::client_closed) std::fprintf(stderr, "bench: %s\n", e.what());
  }
}

struct crowd {
  double kib_a_stream = 0, cpu_percent = 0, peak_mib = 0;
};

awaitable<void> watch_crowd(std::uint16_t port, std::string command, crowd& found) {
  auto executor = co_await asio::this_coro::executor;
  client its{settings_at(port)};
  const auto target = co_await its.get("sandbox");
  const auto memory_before = resident_kib();
  int open = 0;
  for (int n = 0; n < many; ++n) asio::co_spawn(executor, follow_on(target, command, open), asio::detached);
  asio::steady_timer pause(executor);
  while (open < many) {
    pause.expires_after(std::chrono::milliseconds(50));
    co_await pause.async_wait(asio::use_awaitable);
  }
  const auto cpu_before = cpu_so_far();
  pause.expires_after(streams_watched);
  co_await pause.async_wait(asio::use_awaitable);
  found.cpu_percent = (cpu_so_far() - cpu_before) * 100 / static_cast<double>(streams_watched.count());
  found.kib_a_stream = (resident_kib() - memory_before) / many;
  found.peak_mib = resident_kib() / 1024;
  its.close();
}

void measure_crowds(const stream_server& server, const sink& tell) {
  crowd idle, ticking;
  run(watch_crowd(server.port(), "idle", idle));
  tell({"streams", "10,000 idle logs, memory", idle.kib_a_stream, "KiB each", {}, {}, goal{most_kib_a_stream}});
  tell({"streams", "10,000 idle logs, CPU", idle.cpu_percent, "% of a core"});
  run(watch_crowd(server.port(), "tick", ticking));
  tell({"streams",
        "10,000 logs at 1 message/s, CPU",
        ticking.cpu_percent,
        "% of a core",
        {},
        {},
        goal{most_cpu_percent}});
  tell({"streams", "10,000 logs at 1 message/s, memory", ticking.peak_mib, "MiB", {}, {}, goal{most_mib}});
}

/// Short calls, one each 2 ms, as long as a log streams on the same thread.
awaitable<void> time_beside_log(std::uint16_t port, std::uint16_t other, std::vector<double>& times) {
  auto executor = co_await asio::this_coro::executor;
  client streaming{settings_at(port)}, calling{settings_at(other)};
  const auto target = co_await streaming.get("sandbox");
  bool over = false;
  asio::co_spawn(executor, follow(target, fmt::format("bulk-{}", long_log)),
                 [&](std::exception_ptr failure, std::size_t) {
                   over = true;
                   if (failure) std::rethrow_exception(failure);
                 });
  asio::steady_timer due(executor, steady::now());
  while (!over) {
    due.expires_at(std::max(due.expiry() + std::chrono::milliseconds(2), steady::now()));
    co_await due.async_wait(asio::use_awaitable);
    co_await calling.get(body_of(workload::get_small));
    times.push_back(std::chrono::duration<double, std::milli>(steady::now() - due.expiry()).count());
  }
}

awaitable<void> type_keys(std::uint16_t port, std::vector<double>& times) {
  client its{settings_at(port)};
  const auto target = co_await its.get("sandbox");
  auto pty = co_await target.process().create_pty_session("bench");
  co_await pty.wait_for_connection();
  for (std::size_t n = 0; n < keys; ++n) {
    const auto before = steady::now();
    co_await pty.send_input("x");
    co_await pty.next();
    times.push_back(std::chrono::duration<double, std::micro>(steady::now() - before).count());
  }
}

std::vector<double> type_raw_keys(std::uint16_t port) {
  std::string frame;
  protocol::web_socket::append_frame(frame, protocol::web_socket::opcode::binary, "x",
                                     protocol::web_socket::mask_key{});
  const std::size_t answer = 3;  // its header is shorter by the mask
  raw_stream stream(port, "/echo");
  std::vector<double> times;
  for (std::size_t n = 0; n < keys; ++n) {
    const auto before = steady::now();
    stream.exchange(frame, answer);
    times.push_back(std::chrono::duration<double, std::micro>(steady::now() - before).count());
  }
  return times;
}

void measure_echo(const stream_server& server, const sink& tell) {
  std::vector<double> own, raw;
  for (int round = 0; round < 5; ++round) {
    std::vector<double> times;
    run(type_keys(server.port(), times));
    own.push_back(median(std::move(times)));
    raw.push_back(median(type_raw_keys(server.port())));
  }
  tell({"streams", "echo of a key, base raw WebSocket", median(own), "us", median(raw), paired_ratio(own, raw),
        goal{most_of_raw_echo, true}});
}

}  // namespace

void stream_case(const std::string&, const sink& tell) {
  if (!pin_to(client_cpu)) std::fputs("bench: can't pin to a CPU: the figures are worth less\n", stderr);
  const stream_server server;
  const server_process other;
  measure_bulk(server, "bulk", "4 KiB frames", tell);
  measure_bulk(server, "lines", "labelled lines of 80 bytes", tell);
  measure_crowds(server, tell);
  std::vector<double> times;
  run(time_beside_log(server.port(), other.port(), times));
  std::sort(times.begin(), times.end());
  tell({"streams",
        "short call beside a log of 1 GiB, p99",
        times.at(times.size() * 99 / 100),
        "ms",
        {},
        {},
        goal{longest_call_beside_a_log_ms}});
  measure_echo(server, tell);
}

}  // namespace daytona::bench
