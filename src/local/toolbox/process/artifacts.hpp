#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daytona::local::toolbox {

/// What the chart wrapper begins a line with that is not the program's output.
inline constexpr std::string_view artifact_mark = "dtn_artifact_k39fd2:";

struct extracted_output {
  std::string text;                 ///< The output without the marked lines, valid or not.
  std::vector<std::string> charts;  ///< JSON objects, in the order of their lines. What is no chart is left out.
};

extracted_output extract_artifacts(std::string_view output);

}  // namespace daytona::local::toolbox
