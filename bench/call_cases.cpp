#include <chrono>
#include <cstdio>
#include <filesystem>

#include "allocations.hpp"
#include "bodies.hpp"
#include "cases.hpp"
#include "cpus.hpp"
#include "model/sandbox.hpp"
#include "rounds.hpp"
#include "server_process.hpp"

namespace daytona::bench {

namespace {

// What the SDK may take for a call with a small body, and for reading a list.
constexpr double most_instructions = 45'000;
constexpr double most_allocations = 40;
constexpr double most_of_epoll = 2.5;
constexpr double longest_round_trip = 70;
constexpr double longest_list_decoding = 450;
constexpr double most_list_allocations = 2300;
constexpr double most_kept_by_caches = 16;  // one list that is kept would be 2,000

struct measured_case {
  std::string name;
  setting wanted;
  double longest_us;  ///< CPU a call, on a machine where the raw loop takes 4.5 us for `exec`.
  std::size_t calls_a_round = 8000;
  std::size_t calls_under_callgrind = 960;
};

figure paired(const measured_case& its, const std::string& metric, const round_costs& costs, std::size_t base,
              std::optional<goal> limit = {}) {
  const auto body = std::string(name_of(its.wanted.load));
  return {its.name,
          body + metric,
          median(costs.cpu_us[0]),
          "us/call",
          median(costs.cpu_us[base]),
          paired_ratio(costs.cpu_us[0], costs.cpu_us[base]),
          limit};
}

void measure_cpu(const measured_case& its, const sink& tell) {
  std::vector<contestant> callers{{"sdk", its.wanted}, {"beast", its.wanted}, {"beast_deadline", its.wanted}};
  const bool is_small = its.wanted.load != workload::list && its.wanted.load != workload::create_delete;
  if (is_small) callers.push_back({"epoll", its.wanted});
  const auto costs = measure_rounds(callers, its.calls_a_round);
  tell({its.name,
        std::string(name_of(its.wanted.load)) + ", CPU",
        median(costs.cpu_us[0]),
        "us/call",
        {},
        {},
        goal{its.longest_us}});
  tell(paired(its, ", CPU, base Beast", costs, 1, goal{1.0, true}));
  tell(paired(its, ", CPU, base Beast+deadline", costs, 2));
  if (is_small) tell(paired(its, ", CPU, base epoll", costs, 3, goal{most_of_epoll, true}));
  tell({its.name, std::string(name_of(its.wanted.load)) + ", rate", 1e6 / median(costs.wall_us[0]), "calls/s",
        1e6 / median(costs.wall_us[1]), 1 / paired_ratio(costs.wall_us[0], costs.wall_us[1])});
}

void count(const std::string& program, const measured_case& its, std::optional<goal> instructions,
           std::optional<goal> allocations, const sink& tell) {
  const auto body = std::string(name_of(its.wanted.load));
  const auto calls = std::filesystem::path(program).replace_filename("calls").string();
  const auto ours = instructions_per_call(calls, "sdk", its.wanted, its.calls_under_callgrind);
  const auto beast = instructions_per_call(calls, "beast", its.wanted, its.calls_under_callgrind);
  if (instructions) tell({its.name, body + ", instructions", ours, "/call", {}, {}, instructions});
  tell({its.name, body + ", instructions, base Beast", ours, "/call", beast, ours / beast, goal{1.0, true}});

  const auto counts = counts_per_call("sdk", its.wanted, its.calls_a_round);
  const auto base = counts_per_call("beast", its.wanted, its.calls_a_round);
  tell({its.name, body + ", allocations, base Beast", counts.allocations, "/call", base.allocations,
        counts.allocations / base.allocations, allocations});
  tell({its.name, body + ", system calls, base Beast", counts.system_calls, "/call", base.system_calls,
        counts.system_calls / base.system_calls});
}

void small_call(const std::string& program, const measured_case& its, const sink& tell) {
  measure_cpu(its, tell);
  count(program, its, goal{most_instructions}, goal{most_allocations}, tell);
}

/// One call after the other, server and client on one CPU: the time of a call is what both take, not how long the other CPU slept.
void measure_round_trip(const sink& tell) {
  server_options beside;
  beside.cpu = client_cpu;
  const server_process server(beside);
  auto wanted = setting_at(server, workload::exec);
  wanted.in_flight = 1;
  const auto costs = measure_rounds({{"sdk", wanted}, {"epoll", wanted}}, 2000);
  tell({"exec", "one at a time on the server's CPU, base epoll", median(costs.wall_us[0]), "us",
        median(costs.wall_us[1]), paired_ratio(costs.wall_us[0], costs.wall_us[1]), goal{longest_round_trip}});
}

/// The reading alone, without a connection.
void measure_decoding(const sink& tell) {
  constexpr int rounds = 200;
  const auto text = page_of_sandboxes();
  std::vector<double> times;
  std::size_t allocated = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto before = allocations();
    const auto begin = std::chrono::steady_clock::now();
    const auto page = model::from_json<model::sandbox_page>(text);
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    allocated = allocations() - before;
    if (!page || page->items.size() != sandboxes_listed) throw std::runtime_error("not the page that was written");
  }
  tell({"list", "size of the page", static_cast<double>(text.size()) / 1000, "kB"});
  tell({"list", "decoding, median", median(times), "us", {}, {}, goal{longest_list_decoding}});
  tell({"list", "decoding, allocations", static_cast<double>(allocated), "", {}, {}, goal{most_list_allocations}});
}

/// What stays in memory of the sandboxes that were listed and dropped.
void measure_retention(const setting& wanted, const sink& tell) {
  const auto lister = make_caller("sdk", wanted);
  lister->run(100);
  const auto before = live_allocations();
  lister->run(400);
  tell({"list",
        "allocations alive after 400 more lists",
        static_cast<double>(live_allocations() - before),
        "",
        {},
        {},
        goal{most_kept_by_caches}});
}

}  // namespace

setting setting_at(const server_process& server, workload load) {
  if (!pin_to(client_cpu)) std::fputs("bench: can't pin to a CPU: the figures are worth less\n", stderr);
  setting wanted;
  wanted.load = load;
  wanted.port = server.port();
  return wanted;
}

void unary_case(const std::string& program, const sink& tell) {
  const server_process server;
  small_call(program, {"unary", setting_at(server, workload::get_small), 25}, tell);
  small_call(program, {"unary", setting_at(server, workload::get_full), 25}, tell);
}

void exec_case(const std::string& program, const sink& tell) {
  const server_process server;
  measured_case its{"exec", setting_at(server, workload::exec), 15};
  small_call(program, its, tell);
  its = {"exec, 256 in flight", its.wanted, 17};
  its.wanted.in_flight = 256;
  measure_cpu(its, tell);
  measure_round_trip(tell);
}

void list_case(const std::string& program, const sink& tell) {
  const server_process server;
  measured_case its{"list", setting_at(server, workload::list), 270, 400, 60};
  its.wanted.in_flight = 4;
  measure_decoding(tell);
  measure_cpu(its, tell);
  count(program, its, {}, {}, tell);
  measure_retention(its.wanted, tell);
}

void create_delete_case(const std::string& program, const sink& tell) {
  const server_process server;
  const measured_case its{"create_delete", setting_at(server, workload::create_delete), 45, 4000};
  measure_cpu(its, tell);
  count(program, its, {}, {}, tell);
}

}  // namespace daytona::bench
