#include "local/toolbox/process/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// Where memory has run out the kernel ends the process that is offered most: this, and not the toolbox, with which the whole sandbox would end.
void offer_first(pid_t process) {
  const auto path = "/proc/" + std::to_string(process) + "/oom_score_adj";
  const unique_fd file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  [[maybe_unused]] const auto written = ::write(file.get(), "500", 3);
}

}  // namespace

int spawn(const spawn_request& request, pid_t& child) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // The first terminal that the leader of a session opens controls it.
  if (!request.terminal.empty())
    ::posix_spawn_file_actions_addopen(&actions, 0, request.terminal.c_str(), O_RDWR, 0);
  else
    ::posix_spawn_file_actions_adddup2(&actions, request.input, 0);
  const int output = request.terminal.empty() ? request.output : 0;
  ::posix_spawn_file_actions_adddup2(&actions, output, 1);
  ::posix_spawn_file_actions_adddup2(&actions, request.errors < 0 ? output : request.errors, 2);
  // The channel to the control plane is among the others.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (!request.cwd.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, request.cwd.c_str());

  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  const int leads = request.leads_session || !request.terminal.empty() ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
  ::posix_spawnattr_setflags(&attributes, static_cast<short>(leads | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));

  const auto arguments = pointers(request.arguments);
  const auto environment = pointers(request.environment);
  const int error =
      ::posix_spawn(&child, arguments.front(), &actions, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) offer_first(child);
  return error;
}

}  // namespace daytona::local::toolbox
