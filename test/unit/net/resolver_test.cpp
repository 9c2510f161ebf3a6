#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "asked_names.hpp"

using namespace daytona::net;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using addresses = std::vector<asio::ip::address>;

}  // namespace

TEST_CASE("an address is its own answer") {
  CHECK(addresses_without_asking("192.0.2.7") == addresses{asio::ip::make_address("192.0.2.7")});
  CHECK(addresses_without_asking("2001:db8::1") == addresses{asio::ip::make_address("2001:db8::1")});
}

TEST_CASE("names under .localhost are loopback without asking, in any case") {
  for (const auto* const name : {"localhost", "LOCALHOST", "a.localhost", "a.b.Localhost.", "localhost."}) {
    const auto found = addresses_without_asking(name);

    REQUIRE(found.size() == 2);
    CHECK(found[0].is_loopback());
    CHECK(found[1].is_loopback());
  }
  for (const auto* const name : {"notlocalhost", "localhost.example", "", "."})
    CHECK(addresses_without_asking(name).empty());
}

TEST_CASE("a name is asked for on another thread, and its answer comes to the coroutine's own context") {
  resolver names;

  const auto result = resolve(names, "127.1");  // an address to the system alone: needs no network

  CHECK_FALSE(result.ec);
  CHECK(result.found == addresses{asio::ip::make_address("127.0.0.1")});
}

TEST_CASE("many names at once are all answered by few threads") {
  resolver names;
  asio::io_context io;
  int answered = 0;
  for (int n = 0; n < 50; ++n)
    asio::co_spawn(io, ask(names, "127." + std::to_string(n + 1), std::nullopt),
                   [&](std::exception_ptr, answer told) { answered += told.found.size() == 1 ? 1 : 0; });

  io.run();

  CHECK(answered == 50);
}

TEST_CASE("a name that can't exist ends in an error") {
  resolver names;

  const auto result = resolve(names, "no such host");

  CHECK(result.ec.failed());
  CHECK(result.found.empty());
}

TEST_CASE("a cancelled question ends at once and leaves nothing that the thread could touch") {
  resolver names;
  asio::io_context io;
  asio::cancellation_signal signal;
  error_code seen;
  bool ended = false;
  asio::co_spawn(io, ask(names, "no.such.host.invalid", std::nullopt),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure, answer told) {
                   ended = true;
                   if (!failure) seen = told.ec;
                 }));
  asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });

  io.run();

  CHECK(ended);
  CHECK(seen.failed());
}

TEST_CASE("a resolver and a context may die while a question is under way") {
  auto names = std::make_unique<resolver>();
  {
    asio::io_context io;
    asio::co_spawn(io, ask(*names, "127.1", std::nullopt), [](std::exception_ptr, answer) {});
    io.poll();
  }
  names.reset();
}

TEST_CASE("R8: 200 calls at the same time make one lookup, and its answer serves later ones") {
  slow_names service;
  resolver names{service.lookup()};
  asio::io_context io;
  int answered = 0;
  for (int n = 0; n < 200; ++n)
    asio::co_spawn(io, ask(names, "api.test", std::nullopt),
                   [&](std::exception_ptr, answer told) { answered += told.found.size() == 1 ? 1 : 0; });
  io.poll();
  CHECK(answered == 0);

  service.let_go();
  io.restart();
  io.run();
  CHECK(answered == 200);
  CHECK(resolve(names, "api.test").found.size() == 1);

  CHECK(service.asked == 1);
}

TEST_CASE("R8: cancelling the first that asks does not fail the others") {
  slow_names service;
  resolver names{service.lookup()};
  asio::io_context io;
  asio::cancellation_signal signal;
  error_code first;
  std::vector<answer> others;
  asio::co_spawn(
      io, ask(names, "api.test", std::nullopt),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, answer told) { first = told.ec; }));
  for (int n = 0; n < 3; ++n)
    asio::co_spawn(io, ask(names, "api.test", std::nullopt),
                   [&](std::exception_ptr, answer told) { others.push_back(std::move(told)); });
  io.poll();

  signal.emit(asio::cancellation_type::terminal);
  io.restart();
  io.poll();
  CHECK(first == asio::error::operation_aborted);
  CHECK(others.empty());
  service.let_go();
  io.restart();
  io.run();

  REQUIRE(others.size() == 3);
  for (const auto& told : others) CHECK_FALSE(told.ec);
  CHECK(service.asked == 1);
}

TEST_CASE("R8: the answer to a question that everyone stopped waiting for is still used") {
  slow_names service;
  resolver names{service.lookup()};
  {
    asio::io_context io;
    asio::co_spawn(io, ask(names, "api.test", std::nullopt), [](std::exception_ptr, answer) {});
    io.poll();
  }

  service.let_go();

  CHECK(resolve(names, "api.test").found.size() == 1);
  CHECK(service.asked == 1);
}

TEST_CASE("what everyone stopped waiting for before a thread came to it is not asked") {
  slow_names service;
  resolver names{service.lookup()};
  asio::io_context io;
  auto& clock = timers_of(io.get_executor());
  const steady_time start{std::chrono::hours(24)};
  clock.use_manual_clock(start);
  const auto get = [&](const std::string& name, std::optional<std::chrono::nanoseconds> limit) {
    asio::co_spawn(io, ask(names, name, limit), [](std::exception_ptr, answer) {});
    io.poll();
  };
  for (int n = 0; n < 4; ++n) get("slow" + std::to_string(n) + ".test", std::nullopt);
  while (service.asked < 4) std::this_thread::yield();
  for (int n = 0; n < 50; ++n) get("abandoned" + std::to_string(n) + ".test", 1s);

  clock.advance_to(start + 1s);
  io.poll();
  get("wanted.test", std::nullopt);
  service.let_go();
  io.run();

  CHECK(service.asked == 5);
}

TEST_CASE("R8: a failure is told to those who waited for it, and not kept") {
  slow_names service;
  service.let_go();
  service.fails = true;
  resolver names{service.lookup()};

  CHECK(resolve(names, "api.test").ec == asio::error::host_not_found);
  service.fails = false;
  CHECK_FALSE(resolve(names, "api.test").ec);

  CHECK(service.asked == 2);
}
