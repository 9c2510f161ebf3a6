#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace daytona::local {

/// What a file holds; empty if it can't be read.
inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace daytona::local
