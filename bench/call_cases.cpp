#include <cstdio>

#include "cases.hpp"
#include "cpus.hpp"
#include "rounds.hpp"
#include "server_process.hpp"

namespace daytona::bench {

namespace {

// performance.md, "Goals": what the SDK may take for a call with any of these bodies.
constexpr double most_instructions = 45'000;
constexpr double most_allocations = 40;

void measure_cpu(const std::string& of_case, const setting& wanted, const sink& tell) {
  const auto body = std::string(name_of(wanted.load));
  const auto costs = measure_rounds({"sdk", "beast", "beast_deadline", "epoll"}, wanted);
  const auto against = [&](std::size_t base, const std::string& name, std::optional<goal> limit) {
    tell({of_case, body + ", CPU, base " + name, median(costs.cpu_us[0]), "us/call", median(costs.cpu_us[base]),
          paired_ratio(costs.cpu_us[0], costs.cpu_us[base]), limit});
  };
  against(1, "Beast", goal{1.0, true});
  against(2, "Beast+deadline", {});
  against(3, "epoll", {});
  tell({of_case, body + ", rate", 1e6 / median(costs.wall_us[0]), "calls/s", 1e6 / median(costs.wall_us[1]),
        1 / paired_ratio(costs.wall_us[0], costs.wall_us[1])});
}

void count(const std::string& program, const std::string& of_case, const setting& wanted, const sink& tell) {
  const auto body = std::string(name_of(wanted.load));
  const auto ours = instructions_per_call(program, "sdk", wanted);
  const auto beast = instructions_per_call(program, "beast", wanted);
  tell({of_case, body + ", instructions", ours, "/call", {}, {}, goal{most_instructions}});
  tell({of_case, body + ", instructions, base Beast", ours, "/call", beast, ours / beast, goal{1.0, true}});
  const auto asked = allocations_per_call("sdk", wanted);
  const auto asked_by_beast = allocations_per_call("beast", wanted);
  tell({of_case, body + ", allocations, base Beast", asked, "/call", asked_by_beast, asked / asked_by_beast,
        goal{most_allocations}});
}

void call_case(const std::string& program, const std::string& name, workload load, const sink& tell) {
  const server_process server(server_cpu);
  if (!pin_to(client_cpu)) std::fputs("bench: can't pin to a CPU: the figures are worth less\n", stderr);
  setting wanted;
  wanted.load = load;
  wanted.port = server.port();
  measure_cpu(name, wanted, tell);
  count(program, name, wanted, tell);
}

}  // namespace

void unary_case(const std::string& program, const sink& tell) {
  call_case(program, "unary", workload::get_small, tell);
  call_case(program, "unary", workload::get_full, tell);
}

void exec_case(const std::string& program, const sink& tell) { call_case(program, "exec", workload::exec, tell); }

}  // namespace daytona::bench
