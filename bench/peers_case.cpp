#include <array>

#include "cases.hpp"
#include "rounds.hpp"

namespace daytona::bench {

namespace {

constexpr std::size_t calls_a_round = 3000;

struct peer {
  std::string_view caller, name;
  double most;  ///< Of its CPU time may be ours: performance.md, "Goals".
};
constexpr std::array peers{
    peer{"curl", "libcurl multi", 1 / 2.5},   peer{"undici", "undici.request", 1 / 3.0},
    peer{"fetch", "fetch of Node", 1 / 15.0}, peer{"aiohttp", "aiohttp", 1 / 15.0},
    peer{"axios", "axios", 1 / 20.0},
};

}  // namespace

/// The same call by the HTTP clients that others use, one body read as JSON each; other languages in processes of their own.
void peers_case(const std::string&, const sink& tell) {
  const server_process server;
  const auto wanted = setting_at(server, workload::get_small);
  std::vector<contestant> contestants{{"sdk", wanted}};
  contestants.reserve(1 + peers.size());
  for (const auto& one : peers) contestants.push_back({one.caller, wanted});
  const auto costs = measure_rounds(contestants, calls_a_round);
  for (std::size_t i = 0; i < peers.size(); ++i)
    tell({"peers", std::string(name_of(wanted.load)) + ", CPU, base " + std::string(peers[i].name),
          median(costs.cpu_us[0]), "us/call", median(costs.cpu_us[i + 1]),
          paired_ratio(costs.cpu_us[0], costs.cpu_us[i + 1]), goal{peers[i].most, true}});
}

}  // namespace daytona::bench
