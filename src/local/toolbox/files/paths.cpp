#include "local/toolbox/files/paths.hpp"

#include <filesystem>
#include <system_error>

#include "local/toolbox/process/environment.hpp"

namespace daytona::local::toolbox {

std::string_view last_part(std::string_view path) {
  if (path.empty()) return ".";
  const auto end = path.find_last_not_of('/');
  if (end == std::string_view::npos) return "/";
  path = path.substr(0, end + 1);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is the beginning
}

std::string full_path(std::string_view path) {
  const std::filesystem::path whole = std::filesystem::path{current_directory()} / path;
  if (path.find("..") != std::string_view::npos) {  // behind a link it leads elsewhere than its text says
    std::error_code error;
    const auto real = std::filesystem::canonical(whole, error);
    if (!error) return real.string();
  }
  std::string text = whole.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string path_in(std::string_view path, std::string_view name) {
  if (path == ".") return std::string{name};
  std::string joined{path};
  if (!joined.ends_with('/')) joined += '/';
  return joined.append(name);
}

std::string folder_above(std::string_view path) {
  const auto slash = without_slashes(path).rfind('/');
  return slash == std::string_view::npos ? "." : std::string{path.substr(0, slash + 1)};
}

std::string_view without_slashes(std::string_view path) {
  const auto end = path.find_last_not_of('/');
  return path.substr(0, end == std::string_view::npos ? 1 : end + 1);
}

}  // namespace daytona::local::toolbox
