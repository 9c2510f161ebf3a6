#include "local/control/interruptible_command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

namespace daytona::local {

namespace {

constexpr timespec patience_with_program{10, 0};  // with a program that was asked to end

struct command_settings {
  command_settings(const sigset_t& mask, const std::filesystem::path& output) {
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setsigmask(&attributes, &mask);
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!output.empty())
      ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  ~command_settings() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  command_settings(const command_settings&) = delete;
  command_settings& operator=(const command_settings&) = delete;

  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};
};

}  // namespace

interruptible_command::interruptible_command() {
  ::sigemptyset(&awaited_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&awaited_, signal);
  ::sigprocmask(SIG_BLOCK, &awaited_, &before_);
}

interruptible_command::~interruptible_command() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

int interruptible_command::run(const std::vector<std::string>& command, const std::filesystem::path& output) const {
  const command_settings settings{before_, output};
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int error =
      ::posix_spawnp(&process, arguments[0], &settings.actions, &settings.attributes, arguments.data(), environ);
  if (error != 0) throw std::system_error{error, std::generic_category(), "start " + command.front()};
  const int status = wait_for(process);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int interruptible_command::wait_for(pid_t process) const {
  bool asked = false;
  for (;;) {
    const int signal = ::sigtimedwait(&awaited_, nullptr, asked ? &patience_with_program : nullptr);
    int status = 0;
    if (signal == SIGCHLD && ::waitpid(process, &status, WNOHANG) == process) {
      if (!asked) return status;
      ::kill(-process, SIGKILL);  // whatever it left behind
      throw interrupted{};
    }
    if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) {
      ::kill(-process, SIGTERM);
      asked = true;
    } else if (signal < 0 && errno == EAGAIN) {
      ::kill(-process, SIGKILL);
    }
  }
}

}  // namespace daytona::local
