#include "protocol/poll_schedule.hpp"

#include <doctest/doctest.h>

using namespace daytona::protocol;
using namespace std::chrono_literals;

TEST_CASE("L5: polls begin at 100 ms, grow by a tenth and stay at 1 s") {
  constexpr double middle = 0.5;

  CHECK(poll_pause(0, 1, middle) == 100ms);
  CHECK(poll_pause(1, 1, middle) == 110ms);
  CHECK(poll_pause(2, 1, middle) == 121ms);
  CHECK(poll_pause(24, 1, middle) == 985ms);
  CHECK(poll_pause(25, 1, middle) == 1000ms);
  CHECK(poll_pause(4'000'000'000U, 1, middle) == 1000ms);
}

TEST_CASE("L5: a poll is moved by at most a tenth, so that waits that began together part") {
  CHECK(poll_pause(0, 1, 0) == 90ms);
  CHECK(poll_pause(0, 1, 1) == 110ms);
  CHECK(poll_pause(0, 1, 7) == 110ms);
}

TEST_CASE("L5: all waits of a client share one budget of 100 polls a second") {
  CHECK(poll_pause(0, 10, 0.5) == 100ms);
  CHECK(poll_pause(0, 500, 0.5) == 5000ms);
}

TEST_CASE("L5: the last polls of a wait come shortly before its end, and no closer than 100 ms") {
  CHECK(pause_before_end(1000ms, 5s) == 1000ms);
  CHECK(pause_before_end(1000ms, 1s) == 500ms);
  CHECK(pause_before_end(5000ms, 3s) == 1500ms);
  CHECK(pause_before_end(1000ms, 150ms) == 100ms);
  CHECK(pause_before_end(90ms, 50ms) == 100ms);
}
