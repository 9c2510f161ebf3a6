#pragma once

#include <daytona/file_info.hpp>

#include <string>
#include <string_view>

namespace daytona::test {

/// The request line of something below `/files`.
inline std::string files_line(std::string_view verb, std::string_view target) {
  return std::string(verb) + " /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/files" + std::string(target) + " HTTP/1.1";
}

/// A file or folder as a server tells it; one of a generation that tells no path if it is empty.
inline std::string file_entry(std::string_view name, bool is_folder, std::string_view path = {}) {
  auto text = R"({"name":")" + std::string(name) + R"(","size":1,"isDir":)" + (is_folder ? "true" : "false");
  if (!path.empty()) text += R"(,"path":")" + std::string(path) + '"';
  return text + "}";
}

inline list_files_options levels(int depth) {
  list_files_options options;
  options.depth = depth;
  return options;
}

}  // namespace daytona::test
