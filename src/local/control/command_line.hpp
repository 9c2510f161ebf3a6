#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/local/server.hpp"

namespace daytona::local {

struct command_line {
  enum class action { serve, status, base_create, help, version };
  action what = action::serve;
  bool verbose = false;
  server_options options;
  std::filesystem::path base_path;    ///< base_create: empty = the usual place.
  std::vector<std::string> packages;  ///< base_create: what the tree gets besides.
};

/// Reads the arguments behind the program's name. Throws `std::invalid_argument` naming the argument and the rule.
command_line parse_command_line(const std::vector<std::string_view>& arguments);

std::string_view help_text();

}  // namespace daytona::local
