#include "programs.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "rounds.hpp"
#include "system_error.hpp"
#include "unique_fd.hpp"

extern char** environ;

namespace daytona::bench {

namespace {

std::string read_to_end(const unique_fd& source) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const auto size = checked(::read(source.get(), piece.data(), piece.size()), "read");
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

temporary_folder::temporary_folder() {
  auto made = (std::filesystem::temp_directory_path() / "daytona-bench-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp " + made);
  path_ = made;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

program_costs run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  checked(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const unique_fd reading(ends[0]);
  unique_fd writing(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  pid_t child = -1;
  const int failure = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  writing = unique_fd();
  if (failure != 0) throw std::system_error(failure, std::generic_category(), words[0] + " (./dev setup installs it)");
  auto output = read_to_end(reading);
  int status = 0;
  rusage used{};
  checked(::wait4(child, &status, 0, &used), "wait4");
  if (status != 0) throw std::runtime_error(words[0] + " failed");
  return {cpu_seconds(used) * 1e3, std::move(output)};
}

}  // namespace daytona::bench
