#include "local/toolbox/session/session_keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/spawn.hpp"

namespace daytona::local::toolbox {

namespace {

void tell_toolbox(const char* word, int number) {
  const std::string line = std::string{word} + " " + std::to_string(number) + "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

/// Starts the shell, and lets go of what is the shell's alone; -1 if that fails.
pid_t start_kept_shell(const char* shell) {
  const unique_fd nowhere{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  spawn_request request;
  request.arguments = {shell};
  request.environment = merged_environment({});
  request.input = STDIN_FILENO;
  request.output = STDOUT_FILENO;
  request.errors = nowhere.get();
  request.leads_session = true;
  pid_t child = -1;
  if (!nowhere || spawn(request, child) != 0) return -1;
  ::dup2(nowhere.get(), STDIN_FILENO);
  ::dup2(nowhere.get(), STDOUT_FILENO);
  return child;
}

/// False once there is no child.
bool reap_children(pid_t shell) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return true;
    if (ended < 0) return false;
    if (ended == shell) tell_toolbox("ended", status);
  }
}

}  // namespace

int keep_session(const char* shell) {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  ::prctl(PR_SET_NAME, "daytona-session", 0, 0, 0);
  sigset_t every;
  ::sigfillset(&every);
  ::sigprocmask(SIG_BLOCK, &every, nullptr);

  const pid_t child = start_kept_shell(shell);
  if (child < 0) return 1;
  tell_toolbox("shell", child);
  while (reap_children(child)) {
    const int received = ::sigwaitinfo(&every, nullptr);
    // The end of a sandbox comes to the leaders of groups that the toolbox has started, and so here.
    if (received == SIGTERM) ::kill(-child, SIGTERM);
  }
  return 0;
}

}  // namespace daytona::local::toolbox
