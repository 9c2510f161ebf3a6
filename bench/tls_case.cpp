#include <cstdio>

#include "cases.hpp"
#include "cpus.hpp"
#include "kit/certificates.hpp"
#include "rounds.hpp"
#include "server_process.hpp"

namespace daytona::bench {

namespace {

constexpr double most_to_plain = 1.4;
constexpr double most_full_us = 1400;
constexpr double most_resumed_us = 700;
constexpr double least_resumed_percent = 95;
constexpr std::size_t connections_a_round = 200;
constexpr std::size_t connecting_at_once = 4;

setting setting_at(const server_process& server, const test::certificate_authority& authority, workload load) {
  setting wanted;
  wanted.load = load;
  wanted.port = server.port();
  wanted.tls_port = server.tls_port();
  wanted.ca_pem = authority.pem();
  return wanted;
}

server_options options_with(const test::certificate_authority& authority, bool resumable) {
  const auto identity = authority.issue("IP:127.0.0.1");
  server_options options;
  options.certificate = identity.certificate;
  options.key = identity.key;
  options.resumable = resumable;
  return options;
}

void measure_kept_connections(const test::certificate_authority& authority, const sink& tell) {
  const server_process server(options_with(authority, true));
  const auto wanted = setting_at(server, authority, workload::get_small);
  const auto costs = measure_rounds({{"sdk_tls", wanted}, {"sdk", wanted}});
  tell({"tls", "300 B object, CPU, base plain", median(costs.cpu_us[0]), "us/call", median(costs.cpu_us[1]),
        paired_ratio(costs.cpu_us[0], costs.cpu_us[1]), goal{most_to_plain, true}});
}

/// A connection, its handshake and one call on it.
void measure_connecting(const test::certificate_authority& authority, const sink& tell) {
  const server_process refusing(options_with(authority, false));
  const server_process resuming(options_with(authority, true));
  auto full = setting_at(refusing, authority, workload::reconnect);
  auto resumed = setting_at(resuming, authority, workload::reconnect);
  full.in_flight = resumed.in_flight = connecting_at_once;
  const auto costs = measure_rounds({{"sdk_tls", full}, {"sdk_tls", resumed}, {"sdk", resumed}}, connections_a_round);
  tell({"tls", "new connection, full handshake, CPU", median(costs.cpu_us[0]), "us", {}, {}, goal{most_full_us}});
  tell({"tls", "new connection, session resumed, CPU", median(costs.cpu_us[1]), "us", median(costs.cpu_us[0]),
        paired_ratio(costs.cpu_us[1], costs.cpu_us[0]), goal{most_resumed_us}});
  tell({"tls", "new connection, plain, CPU", median(costs.cpu_us[2]), "us"});
  const auto& seen = resuming.counts();
  const auto percent = 100.0 * static_cast<double>(seen.resumed) / static_cast<double>(seen.handshakes);
  tell({"tls", "sessions resumed", percent, "%", {}, {}, goal{least_resumed_percent, false, true}});
}

}  // namespace

void tls_case(const std::string&, const sink& tell) {
  if (!pin_to(client_cpu)) std::fputs("bench: can't pin to a CPU: the figures are worth less\n", stderr);
  const test::certificate_authority authority;
  measure_kept_connections(authority, tell);
  measure_connecting(authority, tell);
}

}  // namespace daytona::bench
