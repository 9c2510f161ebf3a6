#include <doctest/doctest.h>

#include "rounds.hpp"
#include "server_process.hpp"

using namespace daytona::bench;

// Limits are what a call costs today: who makes it cost more has to say why, who makes it cost less lowers them.

namespace {

struct limits {
  workload load;
  double allocations;
  double instructions;
};

// One call at a time, so that the counts are the same in every run.
setting setting_for(workload load, const server_process& server) {
  setting wanted;
  wanted.load = load;
  wanted.port = server.port();
  wanted.in_flight = 1;
  return wanted;
}

constexpr limits all_limits[] = {
    {workload::get_small, 16, 37'500},
    {workload::get_full, 36, 78'000},
    {workload::exec, 9, 27'500},
};

}  // namespace

TEST_CASE("a call asks the heap for memory no more often than it did") {
  const server_process server;
  for (const auto& its : all_limits) {
    CAPTURE(name_of(its.load));

    const auto count = allocations_per_call("sdk", setting_for(its.load, server));

    CHECK(count <= its.allocations);
  }
}

TEST_CASE("a call takes no more instructions than it did, and fewer than one over Beast") {
  const server_process server;
  for (const auto& its : all_limits) {
    CAPTURE(name_of(its.load));
    const auto wanted = setting_for(its.load, server);

    const auto ours = instructions_per_call(DAYTONA_BENCH_PROGRAM, "sdk", wanted);
    const auto beast = instructions_per_call(DAYTONA_BENCH_PROGRAM, "beast", wanted);

    CHECK(ours <= its.instructions);
    CHECK(ours <= beast);
  }
}
