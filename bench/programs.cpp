#include "programs.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdlib>
#include <stdexcept>

#include "rounds.hpp"
#include "system_error.hpp"

extern char** environ;

namespace daytona::bench {

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
  posix_spawn_file_actions_t quiet;
  ::posix_spawn_file_actions_init(&quiet);
  ::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int failure = ::posix_spawnp(&child, arguments[0], &quiet, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&quiet);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), words[0] + " (./dev setup installs it)");
  int status = 0;
  rusage used{};
  checked(::wait4(child, &status, 0, &used), "wait4");
  if (status != 0) throw std::runtime_error(words[0] + " failed");
  return {cpu_seconds(used) * 1e3, static_cast<double>(used.ru_maxrss) / 1024};
}

}  // namespace daytona::bench
