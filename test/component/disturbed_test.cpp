#include <doctest/doctest.h>

#include "operations.hpp"

using namespace daytona::test;

TEST_CASE("T3, K2: every operation survives every failure and every cancellation") {
  for (const auto& operation : public_operations()) {
    INFO(operation.name);
    for_each_failure(operation.what);
  }
}

TEST_CASE("T3, K2: every operation survives every failure and every cancellation on real sockets") {
  for (const auto& operation : public_operations()) {
    INFO(operation.name);
    for_each_failure(operation.what, reached_by::tcp);
  }
}

TEST_CASE("T3, K2: every operation survives every failure and every cancellation over TLS") {
  for (const auto& operation : public_operations()) {
    INFO(operation.name);
    for_each_failure(operation.what, reached_by::tls);
  }
}
