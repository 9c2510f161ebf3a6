// What a resolver remembers, and for how long.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "asked_names.hpp"

using namespace daytona::net;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("a name is asked for again after its time to live, or when its addresses were of no use") {
  slow_names service;
  service.let_go();
  resolver names{service.lookup()};
  asio::io_context io;
  auto& clock = timers_of(io.get_executor());
  const steady_time start{std::chrono::hours(24)};
  clock.use_manual_clock(start);
  const auto get = [&] {
    asio::co_spawn(io, ask(names, "api.test", std::nullopt), [](std::exception_ptr, answer) {});
    io.restart();
    io.run();
  };

  get();
  clock.advance_to(start + resolver::time_to_live - 1ms);
  get();
  CHECK(service.asked == 1);
  clock.advance_to(start + resolver::time_to_live);
  get();
  CHECK(service.asked == 2);
  names.forget("api.test");
  get();
  CHECK(service.asked == 3);
}

TEST_CASE("no more names are kept than the limit says") {
  slow_names service;
  service.let_go();
  resolver names{service.lookup()};
  for (std::size_t n = 0; n <= resolver::max_names; ++n) resolve(names, "host" + std::to_string(n) + ".test");
  const int before = service.asked;

  for (std::size_t n = 0; n <= resolver::max_names; ++n) resolve(names, "host" + std::to_string(n) + ".test");

  CHECK(service.asked > before);
}

TEST_CASE("a name that has moved leads to its new address as soon as what was known of it is too old") {
  std::atomic<unsigned> asked{0};
  resolver names{[&](const std::string&) {
    lookup_result told;
    told.addresses.emplace_back(asio::ip::address_v4{0xC0000201 + asked++});  // 192.0.2.1, then .2
    return told;
  }};
  asio::io_context io;
  auto& clock = timers_of(io.get_executor());
  const steady_time start{std::chrono::hours(24)};
  clock.use_manual_clock(start);
  std::vector<std::string> seen;
  for (const auto age : {0ms, std::chrono::milliseconds{resolver::time_to_live} - 1ms,
                         std::chrono::milliseconds{resolver::time_to_live}}) {
    clock.advance_to(start + age);
    asio::co_spawn(io, ask(names, "moves.test", std::nullopt),
                   [&](std::exception_ptr, const answer& told) { seen.push_back(told.found.front().to_string()); });
    io.restart();
    io.run();
  }

  CHECK(seen == std::vector<std::string>{"192.0.2.1", "192.0.2.1", "192.0.2.2"});
}
