#include <doctest/doctest.h>

#include <algorithm>

#include "operations.hpp"

using namespace daytona::test;

namespace {

/// What every operation does first, and what follows it.
disturbed_operation a_call() {
  const auto& all = public_operations();
  const auto found = std::find_if(all.begin(), all.end(), [](const auto& each) { return each.name == "client::get"; });
  REQUIRE(found != all.end());
  return found->what;
}

void check_by(std::initializer_list<reached_by> ways) {
  for (const auto way : ways) {
    CAPTURE(static_cast<int>(way));
    for_each_failure(a_call(), way);
  }
}

}  // namespace

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

TEST_CASE("T3, K2, C3: every step of the way through a proxy's tunnel may fail or be cancelled") {
  check_by({reached_by::tcp_by_proxy, reached_by::tls_by_proxy});
}

TEST_CASE("T3, K2, C3: every step of the way through a tunnel to which TLS leads may fail or be cancelled") {
  check_by({reached_by::tcp_by_tls_proxy, reached_by::tls_by_tls_proxy});
}
