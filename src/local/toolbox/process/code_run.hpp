#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "local/toolbox/process/command.hpp"

namespace daytona::local::toolbox {

struct code_run_request {
  code_run_request();
  std::string code;
  std::string language;
  std::vector<std::string> arguments;  ///< Joined by blanks and unquoted on the command line, as in Daytona.
  std::map<std::string, std::string> environment;
  std::optional<std::chrono::seconds> timeout;
};

/// A program made into a shell command, and the temporary file it needs.
struct prepared_run {
  prepared_run();
  command what;
  std::string temporary_file;  ///< Empty = none.
  void clean_up() const;
};

bool is_supported(const std::string& language);
prepared_run prepare_run(code_run_request request);

/// Whether a Python program names matplotlib in one of the ways that load it, on a line with no earlier `#`: it then runs inside the chart wrapper.
bool draws_charts(std::string_view code);

/// The Python program that runs `code` and prints a line for each chart that it shows.
std::string wrap_for_charts(std::string_view code);

}  // namespace daytona::local::toolbox
