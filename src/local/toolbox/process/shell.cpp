#include "local/toolbox/process/shell.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include "local/isolation/file_text.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::array<std::string_view, 4> preferred = {"/usr/bin/zsh", "/bin/zsh", "/usr/bin/bash", "/bin/bash"};

bool names(std::string_view shells, std::string_view shell) {
  std::istringstream lines{std::string{shells}};
  for (std::string line; std::getline(lines, line);)
    if (line == shell) return true;
  return false;
}

bool runs(const std::string& shell) { return ::access(shell.c_str(), X_OK) == 0; }

}  // namespace

std::string choose_shell(std::string_view shells, std::string_view fallback) {
  for (const auto shell : preferred)
    if (names(shells, shell)) return std::string{shell};
  return fallback.empty() ? "sh" : std::string{fallback};
}

std::string system_shell() {
  const auto shells = file_text("/etc/shells");
  const char* shell = std::getenv("SHELL");
  auto chosen = choose_shell(shells, shell == nullptr ? "" : shell);
  if (runs(chosen)) return chosen;
  for (const auto other : preferred)
    if (runs(std::string{other})) return std::string{other};
  return "/bin/sh";
}

}  // namespace daytona::local::toolbox
