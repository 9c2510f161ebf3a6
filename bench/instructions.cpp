#include <fstream>
#include <stdexcept>

#include "programs.hpp"
#include "rounds.hpp"

namespace daytona::bench {

namespace {

/// The number that callgrind writes at the end of its profile: "summary: 123".
double summary_of(const std::string& profile) {
  std::ifstream file(profile);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("summary: ")) return std::stod(line.substr(9));
  throw std::runtime_error("callgrind left no summary");
}

double instructions_of(const std::string& program, std::string_view caller, const setting& wanted, std::size_t calls) {
  const temporary_folder folder;
  const auto profile = (folder.path() / "profile").string();
  run_program({"valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + profile, program, std::string(caller),
               std::string(body_of(wanted.load)), std::to_string(wanted.port), std::to_string(wanted.in_flight),
               std::to_string(calls)});
  return summary_of(profile);
}

}  // namespace

double instructions_per_call(const std::string& program, std::string_view caller, const setting& wanted,
                             std::size_t calls) {
  const auto few = instructions_of(program, caller, wanted, calls / 3);
  const auto many = instructions_of(program, caller, wanted, calls + calls / 3);
  return (many - few) / static_cast<double>(calls);
}

}  // namespace daytona::bench
