#include "local/isolation/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "local/isolation/base_files.hpp"
#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/id_range.hpp"
#include "local/isolation/packet.hpp"
#include "local/isolation/removals.hpp"
#include "local/isolation/root_file_system.hpp"
#include "local/isolation/sandbox_process.hpp"
#include "local/isolation/setup_failure.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

constexpr auto probe_limit_ms = 10'000;

std::string read_report(int report) {
  std::string text;
  for (;;) {
    pollfd ready{report, POLLIN, 0};
    if (::poll(&ready, 1, probe_limit_ms) == 0) throw setup_failure("make a sandbox", ETIMEDOUT);
    char bytes[512];
    const ssize_t size = ::read(report, bytes, sizeof bytes);
    if (size == 0) return text;
    if (size > 0) text.append(bytes, static_cast<std::size_t>(size));
  }
}

void end_and_reap(pid_t process) {
  if (process <= 0) return;
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
}

/// The real thing, with a toolbox that ends at once because nobody holds the other end of its channel.
void make_and_end_one(const chosen_isolation& chosen, const fs::path& directory, sandbox_plan plan) {
  boost::system::error_code error;
  auto [ours, theirs] = socket_pair(SOCK_SEQPACKET, error);
  if (error) throw setup_failure("socketpair", error.value());
  plan.ids = chosen.ids;
  plan.owner = chosen.ids.first;
  plan.base = chosen.base;
  plan.directory = directory;
  plan.host_name = "probe";
  plan.channel = theirs.get();

  const auto started = start_sandbox(plan);
  const auto report = parse_report(read_report(started.report.get()));
  end_and_reap(report.first_process);
  if (started.setup != report.first_process) end_and_reap(started.setup);
  leave_for_removal(directory.parent_path(), directory);
  if (!report.failure.empty()) throw std::runtime_error(report.failure);
}

void prepare(chosen_isolation& chosen, const fs::path& data_directory) {
  if (chosen.ids.mode == isolation_mode::none) {
    if (chosen.base.is_machine()) return;
    throw std::runtime_error("plain processes run this machine's own programs, of no other base; leave out --base");
  }
  const bool root = ::geteuid() == 0;
  if (chosen.ids.mode == isolation_mode::shifted) {
    if (!root) throw std::runtime_error("needs root");
    chosen.ids.first = recorded_id_base(data_directory);
    static const int separated = ::unshare(CLONE_NEWNS);
    check(separated, "unshare");
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr), "separate the mounts");
  } else if (root) {
    throw std::runtime_error("as root it would map the machine's root into the sandbox; run as another user");
  }
  fs::create_directories(chosen.base.staging);
  write_base(chosen.base, chosen.ids);
  if (chosen.ids.mode == isolation_mode::shifted) stage_base_folders(chosen.base, chosen.ids);
}

std::string describe(isolation_mode mode) {
  switch (mode) {
    case isolation_mode::shifted:
      return "shifted: namespaces and a user namespace of its own ids for each sandbox; sudo and apt work inside";
    case isolation_mode::userns:
      return "userns: unprivileged namespaces with one user id; inside there is no root: no sudo, no apt, /usr is "
             "read-only";
    default:
      return "none: plain processes of this user, with no isolation from this machine or from each other; no sudo, no "
             "apt";
  }
}

std::string limits_of(isolation_mode mode, const control_groups& groups) {
  const bool plain = mode == isolation_mode::none;
  const auto with_group = [&](const char* controller) { return groups.limits(controller) ? " (by cgroup, too)" : ""; };
  std::string text;
  std::string unlimited;
  if (!plain)
    text = "memory as the sandbox has it" + std::string{with_group("memory")} +
           ": looked at every 20 to 250 ms, and the largest process ended while it is exceeded; ";
  else if (groups.limits("memory"))
    text = "memory as the sandbox has it, by cgroup; ";
  else
    unlimited = "memory, ";
  if (groups.limits("cpu"))
    text += "cpu as the sandbox has it, by cgroup; ";
  else
    unlimited += "cpu and ";
  text += std::to_string(max_processes) + " processes" + (plain ? " of this user" : "") + with_group("pids");
  if (!plain) text += ", " + std::to_string(allowed_open_files()) + " open files a process";
  return text + ", no core files; " + unlimited + "disk " + (unlimited.empty() ? "has" : "have") + " no limit" +
         groups.shortcomings();
}

std::string failure_text(const start_request& request, const std::vector<std::string>& failures) {
  std::string text = "no isolation works here (asked for " + std::string{to_string(request.isolation)} + ")";
  for (const auto& failure : failures) text += "; " + failure;
  text += ". Remedy: run as root, or as a user who may make user namespaces, with the data directory (" +
          request.data_directory.string() +
          ") on ext4, xfs, btrfs or tmpfs; or take plain processes without isolation: --isolation=none";
  return text;
}

}  // namespace

std::vector<isolation_mode> admitted_modes(isolation_mode asked, bool require) {
  if (require && asked != isolation_mode::automatic) return {asked};
  if (asked == isolation_mode::none) return {isolation_mode::none};
  if (asked == isolation_mode::userns) return {isolation_mode::userns};
  return {isolation_mode::shifted, isolation_mode::userns};
}

chosen_isolation choose_isolation(const start_request& request, const sandbox_plan& plan,
                                  const control_groups& groups) {
  std::vector<std::string> failures;
  for (const isolation_mode mode : admitted_modes(request.isolation, request.require)) {
    const auto base = request.data_directory / "base";
    chosen_isolation chosen;
    chosen.ids.mode = mode;
    chosen.base = {request.base, base / "etc", base / "usr", base / "staging"};
    try {
      prepare(chosen, request.data_directory);
      make_and_end_one(chosen, request.data_directory / "probe", plan);
      chosen.probe = {mode, describe(mode), limits_of(mode, groups), failures};
      return chosen;
    } catch (const std::exception& failure) {
      failures.push_back(std::string{to_string(mode)} + ": " + failure.what());
    }
  }
  throw std::runtime_error(failure_text(request, failures));
}

}  // namespace daytona::local
