#include "local/isolation/base_tree.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <set>
#include <stdexcept>
#include <system_error>

#include "model/utf8.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

constexpr std::array<std::string_view, 15> packages = {"ca-certificates",
                                                       "curl",
                                                       "git",
                                                       "less",
                                                       "nodejs",
                                                       "npm",
                                                       "openssh-client",
                                                       "procps",
                                                       "python3",
                                                       "python3-pip",
                                                       "python3-venv",
                                                       "python-is-python3",
                                                       "sudo",
                                                       "ts-node",
                                                       "unzip"};

// What tells a Debian tree, and can't be done without.
constexpr std::array needed_files = {"usr/lib/os-release", "var/lib/dpkg/status", "usr/bin/bash", "usr/bin/env"};

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw std::invalid_argument{"base '" + text + "': " + why};
}

std::string making(const fs::path& tree) { return "make one with: daytona-local base create " + tree.string(); }

// Who owns a tree can change the programs of root's sandboxes.
void check_owner(const std::string& text, const fs::path& tree) {
  for (const auto& each : {tree, tree / "usr"}) {
    struct stat status{};
    if (::stat(each.c_str(), &status) == 0 && status.st_uid != 0)
      refuse(text, each.string() + " belongs to user " + std::to_string(status.st_uid) +
                       ", and root takes a tree of root's alone; " + making("(as root) PATH"));
  }
}

}  // namespace

std::string unfitness_of_tree(const fs::path& tree) {
  std::error_code error;
  if (!fs::is_directory(tree, error)) return error ? error.message() : "not a folder";
  for (const char* file : needed_files)
    if (::access((tree / file).c_str(), R_OK) != 0)
      return "no Debian tree: " + std::string{file} + ": " + std::generic_category().message(errno);
  return {};
}

base_choice choose_base(const std::string& text) {
  if (text == "host") return {"/", "host: /usr and /opt of this machine, as they are when a sandbox starts"};
  const fs::path tree{text};
  if (!model::is_utf8(text)) refuse(model::replace_invalid_utf8(text), "its name is not UTF-8; name another one");
  if (!tree.is_absolute()) refuse(text, "neither 'host' nor an absolute path");
  std::error_code error;
  const bool exists = fs::exists(tree, error);
  if (error) refuse(text, error.message() + "; make it readable, or name another one");
  if (!exists) refuse(text, "it does not exist; " + making(tree));
  const fs::path source = fs::canonical(tree, error);
  if (error) refuse(text, error.message());
  if (source == "/") refuse(text, "that is this machine itself: say 'host'");
  if (const auto why = unfitness_of_tree(source); !why.empty()) refuse(text, why + "; " + making("PATH"));
  if (::geteuid() == 0) check_owner(text, source);
  return {source, source.string() + ": a tree of its own, " + setting_of(source / "usr/lib/os-release", "PRETTY_NAME")};
}

std::span<const std::string_view> base_packages() { return packages; }

std::vector<std::string> missing_packages(const fs::path& tree) {
  std::set<std::string, std::less<>> missing{packages.begin(), packages.end()};
  std::ifstream status{tree / "var/lib/dpkg/status"};
  std::string package;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Package: ")) package = line.substr(9);
    if (line == "Status: install ok installed") missing.erase(package);
  }
  return {missing.begin(), missing.end()};
}

std::string setting_of(const fs::path& file, std::string_view name) {
  std::ifstream lines{file};
  const std::string begin = std::string{name} + "=";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(begin)) continue;
    std::string value = line.substr(begin.size());
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

}  // namespace daytona::local
