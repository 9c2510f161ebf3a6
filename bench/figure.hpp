#pragma once

#include <optional>
#include <string>
#include <vector>

namespace daytona::bench {

/// What a figure has to stay below, or above.
struct goal {
  double limit = 0;
  bool of_ratio = false;  ///< The ratio to the baseline is meant, not the value.
  bool at_least = false;  ///< More is better.
};

/// One measured number, alone or beside the number of a baseline that was measured in the same run.
struct figure {
  std::string of_case;
  std::string metric;
  double value = 0;
  std::string unit;
  std::optional<double> baseline = {};
  std::optional<double> ratio = {};  ///< Of the paired rounds, not of the two medians.
  std::optional<bench::goal> goal = {};

  /// Absent without a goal.
  std::optional<bool> met() const;
};

/// One line of JSON.
std::string to_json_line(const figure& measured);
/// Aligned columns, with a heading.
std::string to_table(const std::vector<figure>& measured);

}  // namespace daytona::bench
