#include "local/toolbox/files/file_changes.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>

#include "local/http/http_error.hpp"
#include "local/isolation/file_text.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/paths.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr unsigned unchanged = static_cast<unsigned>(-1);  // as chown has it

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// What is before the next `separator`, which is taken away too.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto first = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return first;
}

unsigned id_of(const char* file, std::string_view kind, std::string_view name) {
  if (name.empty()) return unchanged;
  const auto id = account_id(file_text(file), name);
  if (!id) throw http::http_error{400, "bad request: there is no " + std::string{kind} + " " + std::string{name}};
  return *id;
}

}  // namespace

std::optional<mode_t> parse_mode(std::string_view text) {
  const auto bits = parse_number<std::uint32_t>(text, 8);
  if (!bits) return std::nullopt;
  return *bits & 0777U;
}

int make_folders(const std::string& asked, mode_t mode, std::string& failed) {
  const std::string path{without_slashes(asked)};
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) {
    failed = path;
    return S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
  }
  if (errno == ENOENT) {
    const int error = make_folders(folder_above(path), mode, failed);
    if (error != 0) return error;
  }
  failed = path;
  if (::mkdir(path.c_str(), mode) == 0) return 0;
  const int error = errno;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) ? 0 : error;
}

std::optional<unsigned> account_id(std::string_view accounts, std::string_view name) {
  if (const auto number = parse_number<std::uint32_t>(name, 10)) return *number;
  while (!accounts.empty()) {
    std::string_view line = take_until(accounts, '\n');
    if (take_until(line, ':') != name) continue;
    take_until(line, ':');
    if (const auto id = parse_number<std::uint32_t>(take_until(line, ':'), 10)) return *id;
  }
  return std::nullopt;
}

void change_permissions(const std::string& path, const permission_changes& changes) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) throw_not_seen(path, errno);
  const unsigned owner = id_of("/etc/passwd", "user", changes.owner);
  const unsigned group = id_of("/etc/group", "group", changes.group);
  const bool changes_owner = owner != unchanged || group != unchanged;
  if (changes_owner && ::chown(path.c_str(), owner, group) != 0) throw_not_done("chown", path, errno);
  if (changes.mode && ::chmod(path.c_str(), *changes.mode) != 0) throw_not_done("chmod", path, errno);
}

}  // namespace daytona::local::toolbox
