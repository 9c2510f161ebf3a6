#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace daytona::bench {

/// A folder that goes with its owner.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// What a program used from its start to its end.
struct program_costs {
  double cpu_ms = 0;
  std::string output;
};

/// Runs `words` to its end. Throws unless it ends with 0. (What wait4 says of its memory is of no use: a program that was spawned counts from what
/// its parent had.)
program_costs run_program(std::vector<std::string> words);

}  // namespace daytona::bench
