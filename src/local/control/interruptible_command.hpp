#pragma once

#include <signal.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace daytona::local {

/// The user has had enough.
struct interrupted : std::runtime_error {
  interrupted() : std::runtime_error{"interrupted"} {}
};

/// Runs programs for a command line. For as long as one of these lives, SIGINT, SIGTERM and SIGHUP end the program that runs, with all that it started.
class interruptible_command {
 public:
  interruptible_command();
  ~interruptible_command();
  interruptible_command(const interruptible_command&) = delete;
  interruptible_command& operator=(const interruptible_command&) = delete;

  /// Its exit status, in a shell's way (128 + signal). Its messages go where ours go; its output there too, or into a file. Throws `interrupted`, and
  /// `std::system_error` if it can't be started.
  int run(const std::vector<std::string>& command, const std::filesystem::path& output = {}) const;

 private:
  int wait_for(pid_t process) const;

  sigset_t awaited_{};
  sigset_t before_{};
};

}  // namespace daytona::local
