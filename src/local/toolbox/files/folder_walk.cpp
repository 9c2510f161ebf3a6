#include "local/toolbox/files/folder_walk.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "local/toolbox/files/paths.hpp"

namespace daytona::local::toolbox {

namespace {

bool is_folder_itself(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_folder_entry(const std::string& folder, const dirent& entry) {
  return entry.d_type == DT_UNKNOWN ? is_folder_itself(path_in(folder, entry.d_name)) : entry.d_type == DT_DIR;
}

}  // namespace

int read_folder(const std::string& path, std::vector<folder_entry>& entries) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{::opendir(path.c_str()), &::closedir};
  if (!folder) return errno;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string{name}, is_folder_entry(path, *entry)});
  }
  if (errno != 0) return errno;
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return 0;
}

folder_walk::folder_walk(std::string root, std::size_t depth) : root_{std::move(root)}, depth_{depth} {}

int folder_walk::enter(const std::string& path) {
  if (levels_.size() >= depth_) return 0;
  level inside{path, {}, 0};
  const int error = read_folder(path, inside.entries);
  if (error == 0) levels_.push_back(std::move(inside));
  return error;
}

std::optional<folder_walk::place> folder_walk::next() {
  if (root_) {
    struct stat status{};
    const std::string path = *std::exchange(root_, std::nullopt);
    if (::lstat(path.c_str(), &status) != 0) {
      root_error_ = errno;
      return std::nullopt;
    }
    if (S_ISDIR(status.st_mode)) root_error_ = enter(path);
    return place{path, S_ISDIR(status.st_mode)};
  }
  while (!levels_.empty()) {
    level& here = levels_.back();
    if (here.next == here.entries.size()) {
      levels_.pop_back();
      continue;
    }
    const folder_entry& entry = here.entries[here.next++];
    place found{path_in(here.path, entry.name), entry.is_folder};
    if (found.is_folder) enter(found.path);
    return found;
  }
  return std::nullopt;
}

}  // namespace daytona::local::toolbox
