#include "local/toolbox/files/tree_changes.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "local/http/http_error.hpp"
#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/paths.hpp"
#include "local/toolbox/files/tree_copy.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::size_t removals_a_turn = 128;

asio::awaitable<void> remove_in_turns(std::string path, turns& others) {
  while (!remove_some(path, removals_a_turn)) co_await others.end_turn();
}

/// Why it could not be removed; empty if it was.
asio::awaitable<std::string> try_to_remove(std::string path, turns& others) {
  std::string why;
  try {
    co_await remove_in_turns(path, others);
  } catch (const setup_failure& failure) {
    why = failure.what();
  }
  co_return why;
}

void check_move(const std::string& source, const std::string& destination) {
  struct stat status{};
  if (::lstat(source.c_str(), &status) != 0) throw_not_seen(source, errno);
  const std::string above = folder_above(destination);
  if (::stat(above.c_str(), &status) != 0) throw_not_seen(above, errno);
  if (::lstat(destination.c_str(), &status) == 0)
    throw http_error{409, "conflict: destination already exists: " + destination};
}

bool lies_within(std::string_view path, std::string_view folder) {
  const std::string inner = full_path(path) + "/";
  return inner.starts_with(full_path(folder) + "/");
}

/// What the copying left is removed if it fails.
asio::awaitable<void> copy_whole(std::string source, std::string destination, turns& others) {
  std::exception_ptr failure;
  try {
    co_await copy_tree(source, destination, others);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  try {
    while (!remove_some(destination, removals_a_turn)) {
    }
  } catch (const setup_failure&) {  // why it failed matters more
  }
  std::rethrow_exception(failure);
}

}  // namespace

asio::awaitable<void> remove_file(std::string path, bool recursive, turns& others) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) throw_not_seen(path, errno);
  if (!recursive) {
    if (S_ISDIR(status.st_mode)) throw_not_done("delete without recursive=true", path, EISDIR);
    if (::unlink(path.c_str()) != 0) throw_not_done("remove", path, errno);
    co_return;
  }
  if (last_part(path) == "." || last_part(path) == "..") throw_not_done("remove", path, EINVAL);
  const std::string why = co_await try_to_remove(path, others);
  if (!why.empty()) throw http_error{400, "bad request: " + why};
}

asio::awaitable<std::string> move_file(std::string source, std::string destination, turns& others) {
  check_move(source, destination);
  if (last_part(source) == "." || last_part(source) == "..") throw_not_done("move", source, EINVAL);
  source = without_slashes(source);
  destination = without_slashes(destination);
  if (::renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, destination.c_str(), RENAME_NOREPLACE) == 0) co_return "";
  if (errno == EEXIST) throw http_error{409, "conflict: destination already exists: " + destination};
  if (lies_within(destination, source)) throw_not_done("move into itself", source, EINVAL);
  co_await copy_whole(source, destination, others);
  co_return co_await try_to_remove(source, others);
}

}  // namespace daytona::local::toolbox
