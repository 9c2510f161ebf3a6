#include "rounds.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <random>

#include "allocations.hpp"

namespace daytona::bench {

namespace {

constexpr std::size_t rounds = 15;
constexpr std::size_t calls_a_round = 8000;
constexpr std::size_t warm_up_calls = 2000;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

round_costs measure_rounds(const std::vector<std::string_view>& callers, const setting& wanted) {
  std::vector<std::unique_ptr<caller>> made;
  for (const auto name : callers) made.push_back(make_caller(name, wanted));
  for (const auto& one : made) one->run(warm_up_calls);

  round_costs costs;
  costs.cpu_us.resize(made.size());
  costs.wall_us.resize(made.size());
  std::vector<std::size_t> order(made.size());
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random{std::random_device{}()};
  for (std::size_t round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const auto index : order) {
      const auto cpu_before = cpu_seconds();
      const auto wall_before = wall_seconds();
      made[index]->run(calls_a_round);
      costs.cpu_us[index].push_back((cpu_seconds() - cpu_before) * 1e6 / calls_a_round);
      costs.wall_us[index].push_back((wall_seconds() - wall_before) * 1e6 / calls_a_round);
    }
  }
  return costs;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

double paired_ratio(const std::vector<double>& value, const std::vector<double>& base) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < value.size(); ++i) ratios.push_back(value[i] / base.at(i));
  return median(std::move(ratios));
}

double allocations_per_call(std::string_view caller, const setting& wanted) {
  const auto made = make_caller(caller, wanted);
  made->run(warm_up_calls);
  const auto before = allocations();
  made->run(calls_a_round);
  return static_cast<double>(allocations() - before) / calls_a_round;
}

}  // namespace daytona::bench
