#include "net/timers.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>

using namespace daytona::net;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Writes its number down when its time has come.
class entry final : public timer_entry {
 public:
  entry(std::vector<int>& log, int number) : log_(log), number_(number) {}

 private:
  void on_time() noexcept override { log_.push_back(number_); }

  std::vector<int>& log_;
  int number_;
};

struct clock_fixture {
  clock_fixture() { clock.use_manual_clock(start); }

  void set(entry& what, std::chrono::nanoseconds after) { clock.set(what, start + after, io.get_executor()); }

  asio::io_context io;
  timers& clock = timers_of(io.get_executor());
  const steady_time start = steady_time(1h);
  std::vector<int> log;
};

}  // namespace

TEST_CASE("entries are told in the order of their times, once, and not before") {
  clock_fixture fixture;
  entry first{fixture.log, 1}, second{fixture.log, 2}, third{fixture.log, 3};
  fixture.set(third, 30ms);
  fixture.set(first, 10ms);
  fixture.set(second, 20ms);

  fixture.clock.advance_to(fixture.start + 9ms);
  CHECK(fixture.log.empty());
  fixture.clock.advance_to(fixture.start + 20ms);
  CHECK(fixture.log == std::vector{1, 2});
  fixture.clock.advance_to(fixture.start + 1h);
  CHECK(fixture.log == std::vector{1, 2, 3});
  CHECK(fixture.clock.size() == 0);
}

TEST_CASE("an entry that is moved is told at its new time alone") {
  clock_fixture fixture;
  entry moved{fixture.log, 1}, other{fixture.log, 2};
  fixture.set(moved, 10ms);
  fixture.set(other, 20ms);

  fixture.set(moved, 30ms);

  fixture.clock.advance_to(fixture.start + 25ms);
  CHECK(fixture.log == std::vector{2});
  fixture.clock.advance_to(fixture.start + 30ms);
  CHECK(fixture.log == std::vector{2, 1});
}

TEST_CASE("an entry that is removed is never told, and may be removed twice") {
  clock_fixture fixture;
  entry gone{fixture.log, 1};
  fixture.set(gone, 10ms);

  fixture.clock.remove(gone);
  fixture.clock.remove(gone);

  CHECK_FALSE(fixture.clock.next().has_value());
  fixture.clock.advance_to(fixture.start + 1h);
  CHECK(fixture.log.empty());
}

TEST_CASE("any order of additions, moves and removals leaves the rest in order") {
  std::minstd_rand random{1};
  for (int round = 0; round < 200; ++round) {
    clock_fixture fixture;
    std::vector<std::unique_ptr<entry>> entries;
    std::vector<std::optional<int>> times(40);
    for (int n = 0; n < 40; ++n) entries.push_back(std::make_unique<entry>(fixture.log, n));
    for (int step = 0; step < 120; ++step) {
      const auto n = random() % 40;
      if (random() % 3 == 0) {
        fixture.clock.remove(*entries[n]);
        times[n].reset();
      } else {
        times[n] = static_cast<int>(random() % 1000);
        fixture.set(*entries[n], std::chrono::milliseconds(*times[n]));
      }
    }
    const auto expected = static_cast<std::size_t>(
        std::count_if(times.begin(), times.end(), [](const auto& time) { return time.has_value(); }));

    fixture.clock.advance_to(fixture.start + 1h);

    CHECK(fixture.log.size() == expected);
    CHECK(std::is_sorted(fixture.log.begin(), fixture.log.end(),
                         [&](int a, int b) { return *times[std::size_t(a)] < *times[std::size_t(b)]; }));
  }
}

TEST_CASE("an idle clock holds no work, so that run() returns") {
  asio::io_context io;
  auto& clock = timers_of(io.get_executor());
  std::vector<int> log;
  entry far{log, 1};
  clock.set(far, clock.now() + 1h, io.get_executor());
  CHECK(io.poll() == 0);
  CHECK_FALSE(io.stopped());

  clock.remove(far);
  io.restart();
  io.run();  // would last an hour

  CHECK(log.empty());
}

TEST_CASE("a time that has passed already is told by the next turn of the context") {
  asio::io_context io;
  auto& clock = timers_of(io.get_executor());
  std::vector<int> log;
  entry late{log, 1};
  clock.set(late, clock.now() - 1s, io.get_executor());

  io.run();

  CHECK(log == std::vector{1});
}

TEST_CASE("an entry may be set again after it was told") {
  clock_fixture fixture;
  entry again{fixture.log, 1};
  for (int n = 1; n <= 3; ++n) {
    fixture.set(again, std::chrono::milliseconds(n));
    fixture.clock.advance_to(fixture.start + std::chrono::milliseconds(n));
  }

  CHECK(fixture.log.size() == 3);
}
