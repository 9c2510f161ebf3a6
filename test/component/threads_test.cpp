#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <dirent.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <thread>
#include <vector>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"
#include "kit/for_each_failure.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

std::string serve(const std::string& request) {
  return http_answer(200, request.starts_with("POST /toolbox/") ? executed : sandbox_json("started"));
}

/// A client, a sandbox of it, and their server in a thread of its own.
class shared_client {
 public:
  /// `toolbox` is the address of the sandbox's toolbox, as far as the sandbox knows it.
  explicit shared_client(std::string_view toolbox = toolbox_url)
      : plot_(std::make_shared<script>()), server_(std::in_place, io_, plot_, false) {
    plot_->forgiving = true;
    plot_->otherwise = [this](const std::string& request) {
      if (request.find("/toolbox-proxy-url HTTP/1.1") == std::string::npos) return serve(request);
      ++toolbox_questions;
      return http_answer(200, fmt::format(R"({{"url":"{}"}})", toolbox_url));
    };
    const auto settings = client_fixture::default_config();
    auto core = std::make_shared<v0::detail::client_core>(
        settings, std::make_shared<rewired_connector>(settings, net::origin{false, "127.0.0.1", server_->port()}));
    auto data = model::from_json<model::sandbox_data>(sandbox_json("started", {}, toolbox));
    sandbox = v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core, *std::move(data)));
    client.emplace(v0::detail::client_core::handle(std::move(core)));
    runner_ = std::thread([this] { io_.run(); });
  }
  ~shared_client() {
    client->close();
    asio::post(io_, [this] { server_.reset(); });
    runner_.join();
  }
  shared_client(const shared_client&) = delete;
  shared_client& operator=(const shared_client&) = delete;

  std::optional<daytona::client> client;
  daytona::sandbox sandbox;
  std::atomic<int> toolbox_questions{0};

 private:
  asio::io_context io_{1};
  std::shared_ptr<script> plot_;
  std::optional<script_server> server_;
  std::thread runner_;
};

/// What one thread does with the shared handles.
asio::awaitable<void> use(daytona::client client, daytona::sandbox sandbox, std::atomic<int>& succeeded) {
  for (int n = 0; n < 25; ++n) {
    const auto result = co_await sandbox.process().exec("x");
    co_await sandbox.refresh_data();
    const auto other = co_await client.get(sandbox.id());
    if (result.result == "ok" && other.name() == sandbox.name()) ++succeeded;
  }
}

/// Runs `work` in `count` threads, each with a context of its own.
template <class Work>
void in_threads(int count, const Work& work) {
  std::vector<std::thread> threads;
  for (int n = 0; n < count; ++n)
    threads.emplace_back([&work] {
      asio::io_context io{1};
      work(io);
      io.run();
    });
  for (auto& thread : threads) thread.join();
}

asio::awaitable<void> read_silent_log(process target) {
  auto stream = co_await target.follow_session_command("s", "c");
  co_await stream.next();
}

std::size_t thread_count() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("/proc/self/task"), ::closedir};
  std::size_t count = 0;
  while (const auto* const entry = ::readdir(directory.get()))
    if (entry->d_name[0] != '.') ++count;
  return count;
}

}  // namespace

TEST_CASE("R6: a client and a sandbox are used by several threads at once, each in its own context") {
  shared_client shared;
  std::atomic<int> succeeded{0};

  in_threads(4, [&](asio::io_context& io) {
    for (int n = 0; n < 4; ++n) asio::co_spawn(io, use(*shared.client, shared.sandbox, succeeded), asio::detached);
  });

  CHECK(succeeded == 4 * 4 * 25);
}

TEST_CASE("R8: threads that need the address of a toolbox at the same time ask for it once") {
  shared_client shared{""};
  std::atomic<int> succeeded{0};

  in_threads(4, [&](asio::io_context& io) {
    for (int n = 0; n < 4; ++n) asio::co_spawn(io, use(*shared.client, shared.sandbox, succeeded), asio::detached);
  });

  CHECK(succeeded == 4 * 4 * 25);
  CHECK(shared.toolbox_questions == 1);
}

TEST_CASE("R6: a client that one thread closes ends the calls of the others with that, and nothing else") {
  shared_client shared;
  std::atomic<int> under_way{0}, closed{0}, other{0};
  auto call = [&]() -> asio::awaitable<void> {
    try {
      for (;;) {
        co_await shared.sandbox.process().exec("x");
        if (++under_way == 20) shared.client->close();
      }
    } catch (const daytona::error& e) {
      ++(e.code() == errc::client_closed ? closed : other);
    }
  };

  in_threads(4, [&](asio::io_context& io) {
    for (int n = 0; n < 4; ++n) asio::co_spawn(io, call(), asio::detached);
  });

  CHECK(closed == 16);
  CHECK(other == 0);
}

TEST_CASE("R6: contexts that end while others go on take only their own connections along") {
  shared_client shared;
  std::atomic<int> succeeded{0};
  std::atomic<bool> first_is_gone{false};

  std::thread first([&] {
    asio::io_context io{1};
    for (int n = 0; n < 4; ++n) asio::co_spawn(io, use(*shared.client, shared.sandbox, succeeded), asio::detached);
    for (int n = 0; n < 40; ++n) io.run_one();
    first_is_gone = true;
  });
  in_threads(2, [&](asio::io_context& io) {
    asio::co_spawn(io, use(*shared.client, shared.sandbox, succeeded), asio::detached);
  });
  first.join();

  CHECK(first_is_gone);
  CHECK(succeeded >= 2 * 25);
}

TEST_CASE("K1: a thousand calls and waits under way, and five hundred open logs, need no thread") {
  client_fixture fixture;
  fixture.script().upgrade("GET /toolbox/*/logs?follow=true HTTP/1.1", "");
  const auto first = fixture.run(fixture.sandbox().process().follow_session_command("s", "c")).value();
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("starting")); };
  const auto before = thread_count();
  int ended = 0;
  constexpr int each = 500;
  for (int n = 0; n < each; ++n) fixture.script().hang("POST /toolbox/");
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
  const auto start = [&](asio::awaitable<void> work) {
    signals.push_back(std::make_unique<asio::cancellation_signal>());
    asio::co_spawn(fixture.io(), std::move(work),
                   asio::bind_cancellation_slot(signals.back()->slot(), [&](std::exception_ptr) { ++ended; }));
  };
  for (int n = 0; n < each; ++n) {
    start(discard(fixture.sandbox().process().exec("sleep 1h")));
    start(fixture.sandbox_of(fmt::format("s{}", n), "starting").wait_for_sandbox_start());
    start(read_silent_log(fixture.sandbox().process()));
  }
  fixture.settle();

  CHECK(thread_count() == before);
  CHECK(fixture.client().pool_figures().streams == each + 1);
  CHECK(ended == 0);
  for (const auto& each_signal : signals) each_signal->emit(asio::cancellation_type::terminal);
  fixture.run_until([&] { return ended == 3 * each; });
}

TEST_CASE("R5: ten thousand calls to a thousand sandboxes keep a handful of connections, and closing leaves none") {
  const auto before = open_descriptors();
  {
    client_fixture fixture{client_fixture::default_config(), reached_by::tcp};
    fixture.script().forgiving = true;
    fixture.script().otherwise = serve;
    constexpr int workers = 16, sandboxes = 1000, calls = 10'000;
    int next = 0, ended = 0;
    std::size_t most = 0;
    auto work = [&]() -> asio::awaitable<void> {
      while (next < calls) {
        const auto sandbox = fixture.sandbox_of(fmt::format("s{}", next++ % sandboxes), "started");
        co_await sandbox.process().exec("x");
        if (next % 100 == 0) most = std::max(most, open_descriptors());
        fixture.script().requests.clear();
      }
      ++ended;
    };
    for (int n = 0; n < workers; ++n) asio::co_spawn(fixture.io(), work(), asio::detached);
    fixture.run_until([&] { return ended == workers; });

    CHECK(fixture.script().connections <= workers);
    CHECK(most <= before + 2 * workers + 10);
    CHECK(fixture.pool().connections <= workers);
  }
  CHECK(open_descriptors() == before);
}
