#include "local/control/data_directory.hpp"

#include <daytona/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace daytona::local {
namespace {

/// Sandboxes have users of their own, who pass through on the way to their layers, and see nothing else.
constexpr mode_t open_to_pass = 0711;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, std::string_view remedy) {
  throw daytona::error{make_error_code(errc::invalid_argument),
                       fmt::format("local backend: data directory {}: {}; {}", path.string(), what, remedy)};
}

std::string system_text(int number) { return std::generic_category().message(number); }

unique_fd lock(const std::filesystem::path& directory) {
  const auto file = directory / "lock";
  unique_fd fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!fd)
    fail(directory, fmt::format("cannot open {}: {}", file.string(), system_text(errno)),
         "check its permissions, or name another one");
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    fail(directory, "another local backend uses it", "stop that one, or name another one");
  return fd;
}

}  // namespace

data_directory::data_directory(std::filesystem::path path, bool temporary)
    : path_{std::move(path)}, temporary_{temporary} {
  lock_ = lock(path_);
}

data_directory data_directory::temporary() {
  std::error_code error;
  auto base = std::filesystem::temp_directory_path(error);
  if (error) base = "/tmp";
  std::string pattern = (base / "daytona-local-XXXXXX").string();
  if (!::mkdtemp(pattern.data()))
    fail(pattern, fmt::format("cannot make it: {}", system_text(errno)),
         "set TMPDIR to a directory that can be written");
  ::chmod(pattern.c_str(), open_to_pass);
  return data_directory{pattern, true};
}

data_directory data_directory::at(std::filesystem::path path) {
  std::error_code error;
  path = std::filesystem::absolute(path, error);
  if (!path.parent_path().empty()) std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), open_to_pass) != 0 && errno != EEXIST)
    fail(path, fmt::format("cannot make it: {}", system_text(errno)),
         "check the permissions of its parent, or name another one");
  return data_directory{std::move(path), false};
}

void data_directory::remove() noexcept {
  if (!temporary_) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  lock_.reset();
}

std::filesystem::path default_data_directory() {
  const auto variable = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  if (const auto state = variable("XDG_STATE_HOME"); state.is_absolute()) return state / "daytona-local";
  if (const auto home = variable("HOME"); home.is_absolute()) return home / ".local/state/daytona-local";
  throw daytona::error{
      make_error_code(errc::invalid_argument),
      "local backend: neither XDG_STATE_HOME nor HOME names a place for the data directory; pass --data-dir"};
}

}  // namespace daytona::local
