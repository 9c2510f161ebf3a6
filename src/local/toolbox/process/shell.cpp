#include "local/toolbox/process/shell.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::array<std::string_view, 4> preferred = {"/usr/bin/zsh", "/bin/zsh", "/usr/bin/bash", "/bin/bash"};

bool names(std::string_view shells, std::string_view shell) {
  std::istringstream lines{std::string{shells}};
  for (std::string line; std::getline(lines, line);)
    if (line == shell) return true;
  return false;
}

/// Root inside may have put anything in its place: to open a FIFO would take for ever, a device has no end, and a terminal would become that of the
/// toolbox.
std::string listed_shells() {
  constexpr std::size_t longest_list = 16 * 1024;
  const unique_fd file{::open("/etc/shells", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string text(longest_list, '\0');
  const auto size = ::read(file.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

bool runs(const std::string& shell) { return ::access(shell.c_str(), X_OK) == 0; }

}  // namespace

std::string choose_shell(std::string_view shells, std::string_view fallback) {
  for (const auto shell : preferred)
    if (names(shells, shell)) return std::string{shell};
  return fallback.empty() ? "sh" : std::string{fallback};
}

std::string system_shell() {
  const char* shell = std::getenv("SHELL");
  auto chosen = choose_shell(listed_shells(), shell == nullptr ? "" : shell);
  if (runs(chosen)) return chosen;
  for (const auto other : preferred)
    if (runs(std::string{other})) return std::string{other};
  return "/bin/sh";
}

}  // namespace daytona::local::toolbox
