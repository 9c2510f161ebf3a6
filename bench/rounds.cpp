#include "rounds.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <random>

namespace daytona::bench {

namespace {

constexpr std::size_t rounds = 15;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

double cpu_seconds(const rusage& used) { return seconds(used.ru_utime) + seconds(used.ru_stime); }

round_costs measure_rounds(const std::vector<contestant>& contestants, std::size_t calls_a_round) {
  std::vector<std::unique_ptr<caller>> made;
  made.reserve(contestants.size());
  for (const auto& one : contestants) made.push_back(make_caller(one.caller, one.wanted));
  for (const auto& one : made) one->run(calls_a_round / 4);

  round_costs costs;
  costs.cpu_us.resize(made.size());
  costs.wall_us.resize(made.size());
  std::vector<std::size_t> order(made.size());
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random{std::random_device{}()};
  const auto calls = static_cast<double>(calls_a_round);
  for (std::size_t round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const auto index : order) {
      const auto cpu_before = made[index]->cpu_seconds_so_far();
      const auto wall_before = wall_seconds();
      made[index]->run(calls_a_round);
      costs.cpu_us[index].push_back((made[index]->cpu_seconds_so_far() - cpu_before) * 1e6 / calls);
      costs.wall_us[index].push_back((wall_seconds() - wall_before) * 1e6 / calls);
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
  ratios.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) ratios.push_back(value[i] / base.at(i));
  return median(std::move(ratios));
}

}  // namespace daytona::bench
