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
  double peak_mib = 0;  ///< Of resident memory.
};

/// Runs `words` to its end, without its output. Throws unless it ends with 0.
program_costs run_program(std::vector<std::string> words);

}  // namespace daytona::bench
