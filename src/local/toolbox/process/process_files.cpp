#include "local/toolbox/process/process_files.hpp"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "local/isolation/file_text.hpp"

namespace daytona::local::toolbox {

namespace {

unique_fd spare_descriptor() { return unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

}  // namespace

process_files::process_files() : folder_{::opendir("/proc"), ::closedir}, kept_{spare_descriptor()} {}

process_files& process_files::shared() {
  static process_files files;
  return files;
}

bool process_files::list(std::vector<pid_t>& processes) {
  if (!folder_) folder_.reset(::opendir("/proc"));
  if (!folder_) return false;
  ::rewinddir(folder_.get());
  while (const dirent* entry = ::readdir(folder_.get())) {
    const std::string_view name = entry->d_name;
    pid_t process = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (error == std::errc{} && end == name.data() + name.size()) processes.push_back(process);
  }
  return true;
}

bool process_files::read(pid_t process, const char* name, std::string& text) {
  const std::string path = std::to_string(process) + "/" + name;
  unique_fd file = open(path);
  if (!file && errno == EMFILE) {
    kept_.reset();
    file = open(path);
  }
  const bool is_known = file || (errno != EMFILE && errno != ENFILE && errno != ENOMEM);
  text = text_of(file);
  file.reset();
  if (!kept_) kept_ = spare_descriptor();
  return is_known;
}

unique_fd process_files::open(const std::string& path) const {
  return unique_fd{::openat(::dirfd(folder_.get()), path.c_str(), O_RDONLY | O_CLOEXEC)};
}

}  // namespace daytona::local::toolbox
