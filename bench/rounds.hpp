#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "workload.hpp"

namespace daytona::bench {

/// What the callers spent on a call, one number a round; index = caller.
struct round_costs {
  std::vector<std::vector<double>> cpu_us;   ///< User and system time of the process that calls.
  std::vector<std::vector<double>> wall_us;  ///< For orientation: the machine's noise is in it.
};

/// One of those that are compared: by its name (`make_caller`), and what it calls.
struct contestant {
  std::string_view caller;
  setting wanted;
};

/// Runs all of them round by round in random order, each over connections of its own that it keeps.
round_costs measure_rounds(const std::vector<contestant>& contestants, std::size_t calls_a_round = 8000);

double median(std::vector<double> values);
/// The median of what `value` is to `base` in the same round.
double paired_ratio(const std::vector<double>& value, const std::vector<double>& base);

/// User and system time.
double cpu_seconds(const rusage& used);

/// Counts of one caller's calls, after a warm-up.
struct call_counts {
  double allocations = 0;
  double system_calls = 0;
};
call_counts counts_per_call(std::string_view caller, const setting& wanted, std::size_t calls = 8000);

/// Instructions in user mode a call, counted by callgrind around the program `calls` at the path `program`: what `calls` more calls take, after a
/// third as many.
double instructions_per_call(const std::string& program, std::string_view caller, const setting& wanted,
                             std::size_t calls = 960);

}  // namespace daytona::bench
