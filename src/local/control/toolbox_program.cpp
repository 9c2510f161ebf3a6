#include "local/control/toolbox_program.hpp"

#include <daytona/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "toolbox_places.hpp"

namespace daytona::local {
namespace {

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// An explicit choice is taken or refused, never passed over.
std::filesystem::path chosen(const std::filesystem::path& path, std::string_view by) {
  if (is_program(path)) return std::filesystem::absolute(path);
  throw daytona::error{make_error_code(errc::invalid_argument),
                       fmt::format("local backend: {}, named by {}, is not a program; name the file daytona-toolbox",
                                   path.string(), by)};
}

}  // namespace

std::filesystem::path find_toolbox_program(const std::filesystem::path& given) {
  if (!given.empty()) return chosen(given, "the option toolbox");
  if (const char* variable = std::getenv("DAYTONA_TOOLBOX"); variable && *variable)
    return chosen(variable, "DAYTONA_TOOLBOX");
  const std::vector<std::string> places{installed_toolbox, built_toolbox};
  for (const auto& place : places)
    if (is_program(place)) return place;
  throw daytona::error{
      make_error_code(errc::invalid_argument),
      fmt::format(
          "local backend: the program daytona-toolbox was not found at {}; install it, or name it by DAYTONA_TOOLBOX",
          fmt::join(places, " or "))};
}

}  // namespace daytona::local
