#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "workload.hpp"

namespace daytona::bench {

/// What the callers spent on a call, one number a round; index = caller.
struct round_costs {
  std::vector<std::vector<double>> cpu_us;   ///< User and system time of this process.
  std::vector<std::vector<double>> wall_us;  ///< For orientation: the machine's noise is in it.
};

/// Runs all `callers` on one workload, round by round in random order, each over connections of its own that it keeps.
round_costs measure_rounds(const std::vector<std::string_view>& callers, const setting& wanted);

double median(std::vector<double> values);
/// The median of what `value` is to `base` in the same round.
double paired_ratio(const std::vector<double>& value, const std::vector<double>& base);

/// Allocations a call, after a warm-up.
double allocations_per_call(std::string_view caller, const setting& wanted);

/// Instructions in user mode a call, counted by callgrind around the program `bench` at the path `program`: (what n2 calls take - what n1 take) / (n2 - n1).
double instructions_per_call(const std::string& program, std::string_view caller, const setting& wanted);

}  // namespace daytona::bench
