#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "rounds.hpp"
#include "system_error.hpp"

extern char** environ;

namespace daytona::bench {

namespace {

constexpr std::size_t few_calls = 320;
constexpr std::size_t many_calls = 1280;

/// The number that callgrind writes at the end of its profile: "summary: 123".
double summary_of(const std::string& profile) {
  std::ifstream file(profile);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("summary: ")) return std::stod(line.substr(9));
  throw std::runtime_error("callgrind left no summary");
}

void run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int failure = ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), words[0] + " (./dev setup installs it)");
  int status = 0;
  checked(::waitpid(child, &status, 0), "waitpid");
  if (status != 0) throw std::runtime_error(words[0] + " failed");
}

double instructions_of(const std::string& program, std::string_view caller, const setting& wanted, std::size_t calls) {
  char folder[] = "/tmp/daytona-bench-XXXXXX";
  if (::mkdtemp(folder) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  const auto profile = std::string(folder) + "/profile";
  run_program({"valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + profile, program, "--calls",
               std::string(caller), std::string(body_of(wanted.load)), std::to_string(wanted.port),
               std::to_string(wanted.in_flight), std::to_string(calls)});
  const auto counted = summary_of(profile);
  ::unlink(profile.c_str());
  ::rmdir(folder);
  return counted;
}

}  // namespace

double instructions_per_call(const std::string& program, std::string_view caller, const setting& wanted) {
  const auto many = instructions_of(program, caller, wanted, many_calls);
  const auto few = instructions_of(program, caller, wanted, few_calls);
  return (many - few) / (many_calls - few_calls);
}

}  // namespace daytona::bench
