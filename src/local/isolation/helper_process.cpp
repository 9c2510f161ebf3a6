#include "local/isolation/helper_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "daytona/error.hpp"
#include "local/isolation/packet.hpp"

namespace daytona::local {

namespace {

// Ending a thousand sandboxes takes well under a second; a helper that takes longer is stuck in the kernel, and waiting would not help it.
constexpr std::chrono::seconds longest_end{5};

error failed(const std::string& what, int cause) {
  error_details details;
  details.operation = "start the host-helper";
  details.cause = {cause, boost::system::system_category()};
  const auto message = "the host-helper did not start: " + what + ": " + details.cause.message();
  return {make_error_code(errc::service_unavailable), message, std::move(details)};
}

/// posix_spawn's two kinds of settings, freed at the end.
struct spawn_settings {
  spawn_settings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~spawn_settings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  spawn_settings(const spawn_settings&) = delete;
  spawn_settings& operator=(const spawn_settings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

/// Nothing of the embedding process: no signal settings, no terminal, no open files, no environment.
pid_t spawn_helper(const std::string& program, int socket) {
  spawn_settings settings;
  for (const int standard : {0, 1, 2})
    ::posix_spawn_file_actions_addopen(&settings.actions, standard, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&settings.actions, socket, 3);
  sigset_t none;
  ::sigemptyset(&none);
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

  std::string path = program;
  char command[] = "host-helper";
  char* arguments[] = {path.data(), command, nullptr};
  char* environment[] = {nullptr};
  pid_t process = -1;
  const int result =
      ::posix_spawn(&process, program.c_str(), &settings.actions, &settings.attributes, arguments, environment);
  if (result != 0)
    throw failed(program + " (set server_options::toolbox or DAYTONA_TOOLBOX to the program daytona-toolbox)", result);
  return process;
}

}  // namespace

helper_process::helper_process(const std::filesystem::path& program) {
  boost::system::error_code error;
  auto [ours, theirs] = socket_pair(SOCK_SEQPACKET, error);
  if (error) throw failed("socketpair", error.value());
  // Not at the number it is copied to: the copy must lose close-on-exec.
  const unique_fd travelling{::fcntl(theirs.get(), F_DUPFD_CLOEXEC, 16)};
  if (!travelling) throw failed("dup", errno);
  process_ = spawn_helper(program.string(), travelling.get());
  socket_ = std::move(ours);
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
  if (pidfd_) return;
  const int cause = errno;
  socket_.reset();
  ::waitpid(process_, nullptr, 0);
  throw failed("pidfd_open", cause);
}

helper_process::~helper_process() {
  socket_.reset();
  reap(longest_end);
}

bool helper_process::reap(std::chrono::milliseconds limit) {
  if (process_ < 0) return true;
  pollfd ended{pidfd_.get(), POLLIN, 0};
  while (::poll(&ended, 1, static_cast<int>(limit.count())) < 0 && errno == EINTR) {
  }
  if (ended.revents == 0) return false;
  // ECHILD is as good: an embedding process that ignores SIGCHLD has had it reaped by the kernel.
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  return true;
}

}  // namespace daytona::local
