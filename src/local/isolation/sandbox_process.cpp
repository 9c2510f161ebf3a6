#include "local/isolation/sandbox_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "local/isolation/control_groups.hpp"
#include "local/isolation/hardening.hpp"
#include "local/isolation/id_map.hpp"
#include "local/isolation/root_file_system.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

constexpr unsigned long sandbox_namespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;

// The toolbox finds its descriptors here.
constexpr int channel_number = 3;
constexpr int lifeline_number = 4;

pid_t clone_process(unsigned long flags) { return static_cast<pid_t>(::syscall(SYS_clone, flags, 0, 0, 0, 0)); }

void report_line(int report, const std::string& line) {
  // Nobody is left to tell of a failure to tell.
  [[maybe_unused]] const auto written = ::write(report, line.data(), line.size());
}

/// Runs a step of a child that never returns to the caller's code, and reports what it throws.
template <class Step>
[[noreturn]] void run_child(int report, Step step) {
  try {
    step();
    ::_exit(0);
  } catch (const std::exception& failure) {
    report_line(report, std::string{"failed "} + failure.what() + "\n");
  }
  ::_exit(1);
}

void reset_signals() {
  for (const int signal : {SIGPIPE, SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void raise_loopback() {
  const unique_fd socket{check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")};
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "raise the loopback interface");
}

/// Puts the toolbox's descriptors where it looks for them and leaves it no other.
void arrange_descriptors(const sandbox_plan& plan) {
  // First away from the numbers that are about to be overwritten.
  const int channel = check(::fcntl(plan.channel, F_DUPFD_CLOEXEC, 16), "dup");
  const int lifeline = check(::fcntl(plan.lifeline, F_DUPFD_CLOEXEC, 16), "dup");
  const unique_fd null{check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null")};
  for (const int standard : {0, 1, 2}) check(::dup2(null.get(), standard), "dup2");
  check(::dup2(channel, channel_number), "dup2");
  check(::dup2(lifeline, lifeline_number), "dup2");
}

// It may be a link to elsewhere inside, but not by what /proc shows of this process: its descriptors are the machine's.
void enter_home(const std::string& home) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  const unique_fd folder{
      static_cast<int>(check(::syscall(SYS_openat2, AT_FDCWD, home.c_str(), &how, sizeof how), "enter " + home))};
  check(::fchdir(folder.get()), "enter " + home);
}

void run_toolbox(const sandbox_plan& plan, const std::string& home) {
  enter_home(home);
  ::umask(022);
  ::setsid();
  reset_signals();
  const int program = check(::fcntl(plan.program, F_DUPFD_CLOEXEC, 16), "dup");
  arrange_descriptors(plan);
  check(::syscall(SYS_close_range, lifeline_number + 1, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");

  std::vector<char*> environment;
  environment.reserve(plan.environment.size() + 1);
  for (const auto& entry : plan.environment) environment.push_back(const_cast<char*>(entry.c_str()));
  environment.push_back(nullptr);
  char name[] = "daytona-toolbox";
  std::string command = plan.ids.mode == isolation_mode::none ? "serve-plain" : "serve";
  std::string memory = std::to_string(plan.memory_limit);
  char* arguments[] = {name, command.data(), memory.data(), nullptr};
  check(::syscall(SYS_execveat, program, "", arguments, environment.data(), AT_EMPTY_PATH), "run the toolbox");
}

/// PID 1, from its first instruction to the toolbox.
void run_first_process(const sandbox_plan& plan, int go) {
  if (char byte = 0; plan.ids.mode == isolation_mode::shifted) {
    if (::read(go, &byte, 1) != 1) throw setup_failure("wait for the id map", ECANCELED);
    check(::setgroups(0, nullptr), "setgroups");
    check(::setresgid(0, 0, 0), "setresgid");
    check(::setresuid(0, 0, 0), "setresuid");
  }
  enter_root(plan);
  check(::sethostname(plan.host_name.c_str(), plan.host_name.size()), "sethostname");
  raise_loopback();
  restrict_resources();
  restrict_capabilities();
  restrict_system_calls(*plan.filter, plan.ids);
  become_sandbox_user(plan.ids);
  run_toolbox(plan, sandbox_home);
}

/// The setup child: everything that needs the machine's own file systems. Its child is the caller's child (CLONE_PARENT), so that it may end.
void make_namespaces(const sandbox_plan& plan, int report) {
  make_sandbox_folder(plan);
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const bool shifted = plan.ids.mode == isolation_mode::shifted;
  check(::unshare(shifted ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER), "unshare");
  if (!shifted) write_own_id_map(uid, gid);
  mount_root(plan);

  int go[2] = {-1, -1};
  check(::pipe2(go, O_CLOEXEC), "pipe");
  if (shifted) become_namespace_owner(plan.owner);
  const pid_t first = check(clone_process(CLONE_PARENT | SIGCHLD | sandbox_namespaces | (shifted ? CLONE_NEWUSER : 0)),
                            "make the namespaces");
  if (first == 0) {
    ::close(go[1]);
    run_child(report, [&] { run_first_process(plan, go[0]); });
  }
  report_line(report, "process " + std::to_string(first) + "\n");
  if (!shifted) return;
  check(::setresuid(0, 0, 0), "become root again");
  write_id_map(first, plan.ids);
  check(::write(go[1], "", 1), "let PID 1 go on");
}

void run_plain_process(const sandbox_plan& plan) {
  namespace fs = std::filesystem;
  const auto home = plan.directory / "root" / "home" / sandbox_user;
  fs::create_directories(home);
  fs::create_directories(plan.directory / "root" / "tmp");
  restrict_resources();
  run_toolbox(plan, home.string());
}

}  // namespace

starting_sandbox start_sandbox(const sandbox_plan& plan) {
  int report[2] = {-1, -1};
  check(::pipe2(report, O_CLOEXEC), "pipe");
  starting_sandbox started;
  started.report.reset(report[0]);
  const unique_fd low{report[1]};
  // Above the numbers that the toolbox's own descriptors take.
  const unique_fd writer{check(::fcntl(low.get(), F_DUPFD_CLOEXEC, 16), "dup")};

  const bool plain = plan.ids.mode == isolation_mode::none;
  started.setup = check(clone_process(SIGCHLD), "fork");
  if (started.setup == 0) {
    run_child(writer.get(), [&] {
      enter_groups(plan.groups);
      if (!plain) return make_namespaces(plan, writer.get());
      report_line(writer.get(), "process " + std::to_string(::getpid()) + "\n");
      run_plain_process(plan);
    });
  }
  check(::fcntl(started.report.get(), F_SETFL, O_NONBLOCK), "fcntl");
  return started;
}

start_report parse_report(const std::string& text) {
  start_report report;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    if (line.rfind("process ", 0) == 0) report.first_process = static_cast<pid_t>(std::atoi(line.c_str() + space));
    if (line.rfind("failed ", 0) == 0 && report.failure.empty()) report.failure = line.substr(space + 1);
  }
  return report;
}

}  // namespace daytona::local
