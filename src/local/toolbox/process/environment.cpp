#include "local/toolbox/process/environment.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "local/http/http_error.hpp"

namespace daytona::local::toolbox {

namespace {

bool is_environment_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '_'); };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  for (const auto& [name, value] : extra) all[name] = value;
  std::vector<std::string> entries;
  entries.reserve(all.size());
  for (const auto& [name, value] : all) entries.push_back(name + "=" + value);
  return entries;
}

std::string current_directory() {
  std::array<char, PATH_MAX> path{};
  return ::getcwd(path.data(), path.size()) == nullptr ? "/" : path.data();
}

void check_environment(const std::map<std::string, std::string>& environment) {
  for (const auto& [name, value] : environment)
    if (!is_environment_name(name))
      throw http::http_error{400, "bad request: invalid environment variable name: '" + name + "'", "BAD_REQUEST"};
}

}  // namespace daytona::local::toolbox
