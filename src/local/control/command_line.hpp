#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daytona/local/server.hpp"

namespace daytona::local {

struct command_line {
  enum class action { serve, status, help, version };
  action what = action::serve;
  bool verbose = false;
  server_options options;
};

/// Reads the arguments behind the program's name. Throws `std::invalid_argument` naming the argument and the rule.
command_line parse_command_line(const std::vector<std::string_view>& arguments);

std::string_view help_text();

}  // namespace daytona::local
