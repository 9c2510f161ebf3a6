#include "local/isolation/launched_sandbox.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "local/isolation/sandbox_process.hpp"

namespace daytona::local {

std::string ending(int status) {
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

launched_sandbox::launched_sandbox(std::string own_id, std::uint64_t own_launch, const sandbox_plan& plan)
    : id{std::move(own_id)}, launch{own_launch}, groups{plan.groups} {
  auto started = start_sandbox(plan);
  setup = started.setup;
  report = std::move(started.report);
}

void launched_sandbox::read_report() {
  char bytes[512];
  ssize_t size = 0;
  while ((size = ::read(report.get(), bytes, sizeof bytes)) > 0)
    report_text_.append(bytes, static_cast<std::size_t>(size));
  const auto so_far = parse_report(report_text_);
  if (!first_known_ && so_far.first_process > 0) {
    first_known_ = true;
    first = so_far.first_process;
    if (first == setup) setup = -1;
  }
  if (size == 0) {
    report.reset();
    failure = so_far.failure;
    if (!first_known_ && failure.empty()) failure = "the start was cut short";
  }
  if (asked_to_end || !failure.empty()) kill_now();
}

void launched_sandbox::reaped(pid_t process, int status) {
  if (process == setup) {
    setup = -1;
  } else {
    first = -1;
    end = ending(status);
  }
}

void launched_sandbox::kill_now() {
  kill_at.reset();
  for (const pid_t process : {setup, first})
    if (process > 0) ::kill(process, SIGKILL);
}

}  // namespace daytona::local
