#include "local/control/data_directory.hpp"

#include <daytona/error.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <system_error>

#include "local/isolation/file_text.hpp"
#include "model/utf8.hpp"

namespace daytona::local {
namespace asio = boost::asio;

namespace {

/// Sandboxes have users of their own, who pass through on the way to their layers, and see nothing else.
constexpr mode_t open_to_pass = 0711;
constexpr auto pause_to_lock = std::chrono::milliseconds{20};
constexpr int attempts_to_lock = 500;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, std::string_view remedy) {
  throw bad_request_error{make_error_code(errc::invalid_argument),
                          fmt::format("local backend: data directory {}: {}; {}", path.string(), what, remedy)};
}

/// Sandboxes' errors name paths in it, and are told as JSON.
void require_text(const std::filesystem::path& path, std::string_view remedy) {
  if (!model::is_utf8(path.string())) fail(model::replace_invalid_utf8(path.string()), "its name is not UTF-8", remedy);
}

std::string system_text(int number) { return std::generic_category().message(number); }

/// When a process began, to know it from another that got its number; empty if there is none.
std::string start_of(pid_t process) {
  const auto text = file_text(fmt::format("/proc/{}/stat", process));
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields{text.substr(name_end + 1)};
  std::string field;
  for (int n = 3; n <= 22 && fields >> field; ++n) {
  }
  return field;
}

std::string owner_text() { return fmt::format("{} {}\n", ::getpid(), start_of(::getpid())); }

/// The process that holds the lock, as it wrote there; nothing if that one is gone.
std::optional<pid_t> living_owner(int lock) {
  char text[64] = {};
  if (::pread(lock, text, sizeof text - 1, 0) <= 0) return std::nullopt;
  std::istringstream fields{text};
  pid_t process = 0;
  std::string start;
  if (!(fields >> process >> start) || start_of(process) != start) return std::nullopt;
  return process;
}

unique_fd open_lock(const std::filesystem::path& directory) {
  const auto file = directory / "lock";
  unique_fd fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!fd)
    fail(directory, fmt::format("cannot open {}: {}", file.string(), system_text(errno)),
         "make it writable, or name another one");
  return fd;
}

/// A backend that did not come up deletes its lock before it lets go of it.
bool is_at(const unique_fd& fd, const std::filesystem::path& directory) {
  struct stat held{};
  struct stat found{};
  return ::fstat(fd.get(), &held) == 0 && ::stat((directory / "lock").c_str(), &found) == 0 &&
         held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

bool try_lock(const unique_fd& fd) {
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return false;
  const std::string owner = owner_text();
  [[maybe_unused]] const auto cut = ::ftruncate(fd.get(), 0);
  [[maybe_unused]] const auto written = ::pwrite(fd.get(), owner.data(), owner.size(), 0);
  return true;
}

/// A server that was killed leaves the lock to its host-helper, until that one has ended the last sandbox.
asio::awaitable<unique_fd> lock(std::filesystem::path directory) {
  unique_fd fd = open_lock(directory);
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer pause{executor};
  for (int attempt = 0; !try_lock(fd) || !is_at(fd, directory); ++attempt) {
    if (!is_at(fd, directory)) {
      fd = open_lock(directory);
      continue;
    }
    if (const auto owner = living_owner(fd.get()))
      fail(directory, fmt::format("another local backend uses it (process {})", *owner),
           "stop that one, or name another one");
    if (attempt == attempts_to_lock)
      fail(directory, "what a killed backend ran there is still ending", "try again in a moment, or name another one");
    pause.expires_after(pause_to_lock);
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return fd;
}

/// `path` and the folders above it that are not there, the innermost first.
std::vector<std::filesystem::path> missing(std::filesystem::path path) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  if (!path.has_filename()) path = path.parent_path();
  for (; path.has_relative_path() && !std::filesystem::exists(path, error); path = path.parent_path())
    found.push_back(path);
  return found;
}

/// Those that are empty.
void remove_folders(const std::vector<std::filesystem::path>& folders) {
  for (const auto& folder : folders) ::rmdir(folder.c_str());
}

bool holds_only_the_lock(const std::filesystem::path& directory) {
  std::error_code error;
  const std::filesystem::directory_iterator entries{directory, error};
  return !error &&
         std::all_of(begin(entries), end(entries), [](const auto& each) { return each.path().filename() == "lock"; });
}

void make_folders(const std::filesystem::path& path) {
  std::error_code error;
  if (!path.parent_path().empty()) std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), open_to_pass) != 0 && errno != EEXIST)
    fail(path, fmt::format("cannot make it: {}", system_text(errno)),
         "check the permissions of its parent, or name another one");
}

}  // namespace

data_directory data_directory::temporary() {
  std::error_code error;
  auto base = std::filesystem::temp_directory_path(error);
  if (error) base = "/tmp";
  require_text(base, "set TMPDIR to another one");
  std::string pattern = (base / "daytona-local-XXXXXX").string();
  if (!::mkdtemp(pattern.data()))
    fail(pattern, fmt::format("cannot make it: {}", system_text(errno)),
         "set TMPDIR to a directory that can be written");
  ::chmod(pattern.c_str(), open_to_pass);
  unique_fd fd = open_lock(pattern);
  try_lock(fd);
  return data_directory{pattern, true, std::move(fd)};
}

asio::awaitable<data_directory> data_directory::at(std::filesystem::path path) {
  std::error_code error;
  path = std::filesystem::absolute(path, error);
  require_text(path, "name another one");
  auto made = missing(path);
  unique_fd fd;
  try {
    make_folders(path);
    fd = co_await lock(path);
  } catch (...) {
    remove_folders(made);
    throw;
  }
  data_directory opened{std::move(path), false, std::move(fd)};
  opened.was_empty_ = holds_only_the_lock(opened.path_);
  opened.made_ = std::move(made);
  co_return opened;
}

void data_directory::disown() noexcept {
  if (!lock_) return;
  [[maybe_unused]] const auto emptied = ::ftruncate(lock_.get(), 0);
}

void data_directory::release() noexcept {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(path_, ignored);
  lock_.reset();
}

void data_directory::withdraw() noexcept {
  std::error_code ignored;
  if (was_empty_) {
    for (const auto& each : std::filesystem::directory_iterator{path_, ignored})
      if (each.path().filename() != "lock") std::filesystem::remove_all(each.path(), ignored);
    std::filesystem::remove(path_ / "lock", ignored);
    remove_folders(made_);
  }
  release();
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
