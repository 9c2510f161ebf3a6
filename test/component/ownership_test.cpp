#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"
#include "kit/allocations.hpp"
#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// A client with a scripted peer, without a fixture: its parts may die in any order.
struct parts {
  parts() : plot(std::make_shared<script>()), io(std::make_unique<asio::io_context>(1)) {
    plot->forgiving = true;
    auto core = std::make_shared<v0::detail::client_core>(client_fixture::default_config(),
                                                          std::make_shared<scripted_connector>(plot));
    auto data = model::from_json<model::sandbox_data>(sandbox_json("started"));
    sandbox = v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core, *std::move(data)));
    client = v0::detail::client_core::handle(std::move(core));
  }

  void drop(char which) {
    switch (which) {
      case 'c':
        client.reset();
        break;
      case 's':
        sandbox.reset();
        break;
      case 'i':
        io.reset();
        break;
    }
  }

  std::shared_ptr<script> plot;
  std::unique_ptr<asio::io_context> io;
  std::optional<daytona::client> client;
  std::optional<daytona::sandbox> sandbox;
};

/// The same with a server on real sockets, in a context that outlives all of them.
struct distant_parts {
  explicit distant_parts(bool tls) : plot(std::make_shared<script>()), server(std::in_place, there, plot, tls) {
    plot->forgiving = true;
    auto settings = client_fixture::default_config();
    settings.tls.ca_pem = loopback_identity::instance().authority.pem();
    const net::origin where{tls, "127.0.0.1", server->port()};
    auto core =
        std::make_shared<v0::detail::client_core>(settings, std::make_shared<rewired_connector>(settings, where));
    auto data = model::from_json<model::sandbox_data>(sandbox_json("started"));
    sandbox = v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core, *std::move(data)));
    client = v0::detail::client_core::handle(std::move(core));
  }

  /// Begins calls, and lets them come to `step` of the conversation, where the server falls silent.
  void call_until(std::size_t step) {
    std::size_t hanging = 0;
    plot->on_step = [step](std::size_t now) { return now >= step ? step_action::hang : step_action::proceed; };
    plot->on_hang = [&] { ++hanging; };
    asio::co_spawn(*io, sandbox->process().exec("x"), asio::detached);
    asio::co_spawn(*io, client->create(), asio::detached);
    while (hanging == 0) {
      io->poll();
      there.poll();
    }
    plot->on_hang = nullptr;
  }

  void drop(char which) {
    if (which == 'c') client.reset();
    if (which == 's') sandbox.reset();
    if (which == 'i') io.reset();
  }

  asio::io_context there{1};
  std::unique_ptr<asio::io_context> io = std::make_unique<asio::io_context>(1);
  std::shared_ptr<script> plot;
  std::optional<script_server> server;
  std::optional<daytona::client> client;
  std::optional<daytona::sandbox> sandbox;
};

}  // namespace

TEST_CASE("R6: over real sockets too, client, sandbox and io_context may die in every order, and no descriptor stays") {
  for (const bool tls : {false, true}) {
    const std::size_t steps = tls ? 4 : 3;
    for (std::size_t step = 0; step < steps; ++step) {
      std::string order = "cis";
      do {
        const auto before = open_descriptors();
        {
          distant_parts all{tls};
          all.call_until(step);
          for (const char which : order) all.drop(which);
          all.server.reset();
          all.there.poll();
        }
        CHECK(open_descriptors() == before);
      } while (std::next_permutation(order.begin(), order.end()));
    }
  }
}

TEST_CASE("R6: client, sandbox and io_context may die in every order while calls are under way") {
  std::string order = "cis";
  do {
    for (const std::size_t hang_at : {0u, 1u, 2u}) {
      parts all;
      all.plot->on_step = [hang_at](std::size_t step) {
        return step % 3 == hang_at ? step_action::hang : step_action::proceed;
      };
      for (int n = 0; n < 3; ++n) {
        asio::co_spawn(*all.io, all.sandbox->process().exec("x"), asio::detached);
        asio::co_spawn(*all.io, all.client->get("x"), asio::detached);
        asio::co_spawn(*all.io, all.client->create(), asio::detached);
      }
      all.io->poll();

      for (const char which : order) all.drop(which);

      CHECK(all.plot->open == 0);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("R6: idle connections die with their context, and the client goes on in another one") {
  parts all;
  all.plot->otherwise = [](const std::string&) { return http_answer(200, executed); };
  asio::co_spawn(*all.io, all.sandbox->process().exec("x"), asio::detached);
  all.io->run();
  CHECK(all.plot->open == 1);

  all.io.reset();
  CHECK(all.plot->open == 0);

  all.io = std::make_unique<asio::io_context>(1);
  bool succeeded = false;
  asio::co_spawn(*all.io, all.sandbox->process().exec("x"),
                 [&](std::exception_ptr failure, execute_response) { succeeded = !failure; });
  all.io->run();
  CHECK(succeeded);
}

TEST_CASE("R6: a client keeps nothing of the contexts that are gone") {
  net::pool_directory pools{net::pool_limits(), std::make_shared<scripted_connector>(std::make_shared<script>())};
  auto first = std::make_unique<asio::io_context>(1);
  asio::io_context second{1};
  const std::weak_ptr<net::connection_pool> gone = pools.pool_of(first->get_executor());
  CHECK_FALSE(gone.expired());
  first.reset();

  const auto other = pools.pool_of(second.get_executor());

  CHECK(gone.expired());
  CHECK(pools.pool_of(second.get_executor()) == other);
}

TEST_CASE("R6: two contexts that share a client never share a connection") {
  parts all;
  all.plot->otherwise = [](const std::string&) { return http_answer(200, executed); };
  asio::io_context other{1};
  for (int round = 0; round < 2; ++round) {
    for (auto* const io : {all.io.get(), &other}) {
      asio::co_spawn(*io, all.sandbox->process().exec("x"), asio::detached);
      io->restart();
      io->run();
    }
  }

  CHECK(all.plot->connections == 2);
}

TEST_CASE("K4: making a client does no I/O, needs no context and no network") {
  const auto before = open_descriptors();
  auto settings = client_fixture::default_config();
  settings.api_url = "https://no.such.host.invalid/api";

  const daytona::client made{settings};

  CHECK(open_descriptors() == before);
}

TEST_CASE("K4: run() returns when the work is done, although a connection is kept and a deadline was set") {
  client_fixture fixture;
  fixture.script().reply("GET", 200, sandbox_json("started"));
  bool ended = false;
  asio::co_spawn(fixture.io(), fixture.client().get("x"), [&](std::exception_ptr, sandbox) { ended = true; });

  fixture.io().restart();
  fixture.io().run();

  CHECK(ended);
  CHECK(fixture.pool().idle == 1);
}

TEST_CASE("K4: an idle client holds no timer and no pending work") {
  client_fixture fixture;
  fixture.script().reply(execute_line, 200, executed);
  fixture.run(fixture.sandbox().process().exec("x"));

  CHECK(net::timers_of(fixture.executor()).size() == 0);
  fixture.io().restart();
  CHECK(fixture.io().poll() == 0);
  CHECK(fixture.io().stopped());
}

TEST_CASE("K3: changing what a client was made of, or one handle's options, never shows on another") {
  auto settings = client_fixture::default_config();
  client_fixture fixture{settings};
  settings.api_key = "another";
  exec_options options;
  options.env["A"] = "1";
  fixture.script().reply(execute_line, 200, executed).reply(execute_line, 200, executed);
  const auto sandbox = fixture.sandbox();
  const auto copy = sandbox;

  fixture.run(sandbox.process().exec("x", options));
  fixture.run(copy.process().exec("x"));

  CHECK(fixture.script().requests.at(0).find("Bearer key\r\n") != std::string::npos);
  CHECK(fixture.script().requests.at(0).find(R"("envs":{"A":"1"})") != std::string::npos);
  CHECK(fixture.script().requests.at(1).find("envs") == std::string::npos);
}

TEST_CASE("close() ends calls under way and refuses later ones, of its sandboxes too") {
  client_fixture fixture;
  fixture.script().hang(execute_line);
  std::optional<daytona::error> ended;
  asio::co_spawn(fixture.io(), fixture.sandbox().process().exec("x"),
                 [&](std::exception_ptr failure, execute_response) {
                   try {
                     std::rethrow_exception(failure);
                   } catch (const daytona::error& e) {
                     ended = e;
                   }
                 });
  fixture.settle();

  fixture.client().close();
  fixture.client().close();
  fixture.run_until([&] { return ended.has_value(); });
  const auto later = fixture.run(fixture.sandbox().process().exec("x"));

  CHECK(ended->code() == errc::client_closed);
  CHECK(later.error().code() == errc::client_closed);
  CHECK(fixture.run(fixture.client().create()).error().code() == errc::client_closed);
  CHECK(fixture.script().open == 0);
}

TEST_CASE("code without coroutines waits on another thread for a call's future") {
  parts all;
  all.plot->otherwise = [](const std::string&) { return http_answer(200, executed); };
  auto work = asio::make_work_guard(*all.io);
  std::thread runner([&] { all.io->run(); });

  auto future = asio::co_spawn(*all.io, all.sandbox->process().exec("x"), asio::use_future);
  const auto result = future.get().result;
  auto failing = asio::co_spawn(*all.io, all.client->get("x"), asio::use_future);
  failing.wait();

  work.reset();
  runner.join();  // before the error is read: ThreadSanitizer does not see how libstdc++ counts an exception's owners
  CHECK_THROWS_AS((void)failing.get(), daytona::error);
  CHECK(result == "ok");
}

TEST_CASE("a call that was made but never awaited does nothing, and leaves nothing") {
  client_fixture fixture;
  const auto before = live_allocations();
  {
    const auto never = fixture.client().get("x");
    const auto neither = fixture.client().create();
  }
  CHECK(live_allocations() == before);
  CHECK(fixture.script().connections == 0);
}
