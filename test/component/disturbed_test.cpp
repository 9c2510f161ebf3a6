#include <doctest/doctest.h>

#include <initializer_list>
#include <string_view>

#include "operations.hpp"

using namespace daytona::test;

namespace {

/// What every operation does first.
constexpr std::string_view first_call = "client::get";

void check(const public_operation& operation, reached_by way, bool counts_memory) {
  INFO(operation.name, ", by way ", static_cast<int>(way));
  for_each_failure(operation.what, way, counts_memory);
}

/// What TLS and a proxy keep in memory belongs to a connection, whatever is asked on it: one operation shows whether they let it go.
void check_all_by(reached_by way) {
  const bool is_plain = way == reached_by::memory || way == reached_by::tcp;
  for (const auto& operation : public_operations()) check(operation, way, is_plain || operation.name == first_call);
}

void check_streams_by(reached_by way) {
  for (const auto& operation : stream_operations()) check(operation, way, way == reached_by::memory);
}

/// Over TLS and through tunnels the connection differs, not what is asked for.
void check_files_by(reached_by way) {
  for (const auto& operation : file_operations()) check(operation, way, true);
}

/// Over TLS and through tunnels a stream's connection differs, not what is asked for: one of each kind of conversation shows whether it holds.
void check_conversations_by(reached_by way) {
  for (const auto& operation : stream_operations())
    for (const std::string_view one : {"log_stream::next", "pty_handle::send_input", "execution_stream::next"})
      if (operation.name == one) check(operation, way, false);
}

/// The way to the proxy differs once more, and again not what is asked for.
void check_one_of_each_by(reached_by way) {
  for (const auto& operation : public_operations())
    for (const std::string_view one :
         std::initializer_list<std::string_view>{first_call, "client::create", "process::exec"})
      if (operation.name == one) check(operation, way, one == first_call);
  for (const auto& operation : stream_operations())
    if (operation.name == "log_stream::next") check(operation, way, false);
}

}  // namespace

TEST_CASE("T3, K2: every operation survives every failure and every cancellation") { check_all_by(reached_by::memory); }

TEST_CASE("T3, K2: every operation survives every failure and every cancellation on real sockets") {
  check_all_by(reached_by::tcp);
}

TEST_CASE("T3, K2: every operation survives every failure and every cancellation over TLS") {
  check_all_by(reached_by::tls);
}

TEST_CASE("T3, K2, C3: every operation survives every failure and every cancellation through a proxy's tunnel") {
  check_all_by(reached_by::tcp_by_proxy);
}

TEST_CASE("T3, K2, C3: every operation survives every failure and every cancellation over TLS through a tunnel") {
  check_all_by(reached_by::tls_by_proxy);
}

TEST_CASE(
    "T3, K2, C3: calls, a creation, a command and a followed log survive every failure and every cancellation through "
    "a "
    "tunnel to which TLS leads") {
  check_one_of_each_by(reached_by::tcp_by_tls_proxy);
  check_one_of_each_by(reached_by::tls_by_tls_proxy);
}

TEST_CASE("T3, K2: every operation on files survives every failure and every cancellation") {
  check_files_by(reached_by::memory);
}

TEST_CASE("T3, K2: every operation on files survives every failure and every cancellation on real sockets") {
  check_files_by(reached_by::tcp);
}

TEST_CASE("T3, K2: every operation of streams survives every failure and every cancellation") {
  check_streams_by(reached_by::memory);
}

TEST_CASE("T3, K2: every operation of streams survives every failure and every cancellation on real sockets") {
  check_streams_by(reached_by::tcp);
}

TEST_CASE("T3, K2: streams survive every failure and every cancellation over TLS") {
  check_conversations_by(reached_by::tls);
}

TEST_CASE("T3, K2, C3: streams survive every failure and every cancellation through a proxy's tunnel") {
  check_conversations_by(reached_by::tcp_by_proxy);
}

TEST_CASE("T3, K2, C3: streams survive every failure and every cancellation over TLS through a tunnel") {
  check_conversations_by(reached_by::tls_by_proxy);
}
