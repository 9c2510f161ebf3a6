#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "kit/client_fixture.hpp"
#include "kit/scripted_server.hpp"
#include "rounds.hpp"
#include "server_process.hpp"
#include "system_calls.hpp"

using namespace daytona::bench;

// Limits are what a call costs today: who makes it cost more has to say why, who makes it cost less lowers them.

namespace {

struct limits {
  workload load;
  double allocations;  // half a one for what begins a run
  double instructions;
};

setting setting_for(workload load, const server_process& server, std::size_t in_flight) {
  setting wanted;
  wanted.load = load;
  wanted.port = server.port();
  wanted.in_flight = in_flight;
  return wanted;
}

constexpr limits all_limits[] = {
    {workload::get_small, 16.5, 21'000},
    {workload::get_full, 36.5, 45'000},
    {workload::exec, 14.5, 22'500},
};

/// This process's descriptor that is connected to `port`.
std::optional<int> connected_to(std::uint16_t port) {
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const bool is_socket = ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    if (is_socket && peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) return descriptor;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a call asks the heap for memory no more often than it did") {
  const server_process server;
  for (const auto& its : all_limits) {
    CAPTURE(name_of(its.load));

    const auto one_at_a_time = setting_for(its.load, server, 1);  // so that the counts are the same in every run
    const auto counts = counts_per_call("sdk", one_at_a_time);

    CHECK(counts.allocations <= its.allocations);
  }
}

TEST_CASE("a call takes no more instructions than it did, and fewer than one over Beast") {
  const server_process server;
  for (const auto& its : all_limits) {
    CAPTURE(name_of(its.load));
    const auto wanted = setting_for(its.load, server, 16);

    const auto ours = instructions_per_call(DAYTONA_BENCH_PROGRAM, "sdk", wanted);
    const auto beast = instructions_per_call(DAYTONA_BENCH_PROGRAM, "beast", wanted);

    CHECK(ours <= its.instructions);
    CHECK(ours <= beast);
  }
}

/// What ten calls on one kept connection ask of the kernel, for that connection.
system_calls system_calls_of_ten(daytona::test::server_options peer, daytona::config settings) {
  daytona::test::fixture fixture;
  const std::string scheme = peer.identity ? "https" : "http";
  daytona::test::scripted_server server{fixture.io(), std::move(peer)};
  settings.api_key = "key";
  settings.api_url = fmt::format("{}://127.0.0.1:{}/api", scheme, server.port());
  const daytona::client client{settings};
  const auto call = [&] {
    server.reply("GET /api/sandbox/x HTTP/1.1", 200, daytona::test::sandbox_json("started"));
    REQUIRE_FALSE(fixture.run(client.get("x")).failed());
  };
  call();
  const auto connection = connected_to(server.port());
  REQUIRE(connection.has_value());
  const auto before = system_calls_on(*connection);

  for (int i = 0; i < 10; ++i) call();

  const auto made = system_calls_on(*connection) - before;
  CHECK(server.seen().connections == 1);
  client.close();
  server.stop();
  return made;
}

TEST_CASE("a call on a kept connection looks once, sends once and asks for its answer at most twice") {
  const auto made = system_calls_of_ten({}, {});

  CHECK(made.looks == 10);  // R1: whether the peer has closed it
  CHECK(made.sends == 10);
  CHECK(made.receives == 10);
  CHECK(made.empty_receives <= 10);  // right behind the request, before the peer has had its turn
  CHECK(made.settings == 0);
}

TEST_CASE("over TLS a call takes each record in one piece, and asks for none that can't be there yet") {
  const daytona::test::certificate_authority authority;
  daytona::config settings;
  settings.tls.ca_pem = authority.pem();

  const auto made = system_calls_of_ten(authority.issue("IP:127.0.0.1"), settings);

  CHECK(made.looks == 10);
  CHECK(made.sends == 10);
  CHECK(made.receives == 10);
  CHECK(made.empty_receives == 0);
  CHECK(made.settings <= 10);  // the wait for the answer
}
