#include "local/isolation/helper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <tuple>

#include "local/isolation/children.hpp"
#include "local/isolation/control_groups.hpp"
#include "local/isolation/equipment.hpp"
#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/held_directory.hpp"
#include "local/isolation/helper_messages.hpp"
#include "local/isolation/launched_sandbox.hpp"
#include "local/isolation/packet.hpp"
#include "local/isolation/probe.hpp"
#include "local/isolation/removals.hpp"
#include "local/isolation/sandbox_environment.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

using steady_clock = std::chrono::steady_clock;

// A next server waits longer than this for the data directory.
constexpr auto patience_with_removals = std::chrono::seconds{5};

class helper {
 public:
  explicit helper(int control) : control_{control}, signals_{make_signals()} {}

  void run() {
    while (serve_once()) {
    }
    for (auto& each : sandboxes_) each.kill_now();
    if (!data_.is_temporary()) removals_.finish(patience_with_removals);
    ::signal(SIGCHLD, SIG_DFL);
    end_all_children();
    for (const auto& each : sandboxes_) groups_.remove(each.groups);
    data_.end();
  }

 private:
  static unique_fd make_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return unique_fd{check(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd")};
  }

  bool serve_once() {
    std::vector<pollfd> waits{{control_, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    for (const auto& each : sandboxes_)
      if (each.starting()) waits.push_back({each.report.get(), POLLIN, 0});
    if (::poll(waits.data(), waits.size(), milliseconds_to_next_kill()) < 0 && errno != EINTR) return false;

    for (auto& each : sandboxes_)
      if (each.starting()) read_report(each);
    reap();
    const bool served = waits[0].revents == 0 || read_requests();
    kill_overdue();
    settle();
    return served;
  }

  bool read_requests() {
    for (;;) {
      boost::system::error_code error;
      auto request = receive_packet(control_, error);
      if (error == boost::system::errc::operation_would_block) return true;
      if (!request) return false;
      serve(*request);
    }
  }

  void serve(packet& received) {
    auto request = decode_request(received.text);  // one that can't be read can't be answered: it ends the helper
    helper_answer answer;
    answer.number = request.number;
    try {
      const bool later =
          std::visit([&](auto& what) { return handle(request.number, what, received, answer); }, request.what);
      if (later) return;
    } catch (const std::exception& failure) {
      answer.failure = failure.what();
    }
    send(answer);
  }

  bool handle(std::uint64_t, const start_request& request, packet& received, helper_answer& answer) {
    if (request.temporary) data_.delete_at_end(request.data_directory);
    if (!received.descriptors.empty()) data_.hold(std::move(received.descriptors.front()));
    groups_ = control_groups{request.cgroup};
    chosen_ = choose_isolation(request, equipment_.plan(), groups_);
    answer.probe = chosen_->probe;
    removals_.begin(request.data_directory);
    return false;
  }

  bool handle(std::uint64_t number, const sandbox_launch& request, packet& received, helper_answer&) {
    if (!chosen_) throw setup_failure("launch before start", EINVAL);
    if (received.descriptors.size() != 1) throw setup_failure("launch without a channel", EINVAL);
    if (find(request.id) != nullptr) throw std::runtime_error("sandbox " + request.id + " runs already; stop it first");
    sandbox_plan plan = equipment_.plan();
    plan.ids = chosen_->ids;
    plan.base = chosen_->base;
    plan.directory = request.directory;
    plan.host_name = request.host_name.empty() ? request.id : request.host_name;
    plan.environment = sandbox_environment(chosen_->ids.mode, request.directory, request.environment);
    plan.channel = received.descriptors.front().get();
    plan.owner = equipment_.next_owner(chosen_->ids);
    plan.memory_limit = request.memory_limit;
    plan.groups = groups_.make({max_processes, request.cpus, request.memory_limit});
    try {
      sandboxes_.emplace_back(request.id, number, plan);
    } catch (...) {
      groups_.remove(plan.groups);
      throw;
    }
    return true;
  }

  bool handle(std::uint64_t number, const stop_request& request, packet&, helper_answer&) {
    launched_sandbox* found = find(request.id);
    if (found == nullptr) return false;
    found->stops.push_back(number);
    found->asked_to_end = true;
    if (request.grace.count() > 0 && found->first > 0) {
      ::kill(found->first, SIGTERM);
      found->kill_at = steady_clock::now() + request.grace;
    } else {
      found->kill_now();
    }
    return true;
  }

  bool handle(std::uint64_t number, const remove_request& request, packet&, helper_answer&) {
    removals_.add(number, request.id, request.directory);
    if (launched_sandbox* found = find(request.id)) {
      found->asked_to_end = true;
      found->kill_now();
    }
    return true;
  }

  launched_sandbox* find(const std::string& id) {
    const auto found =
        std::find_if(sandboxes_.begin(), sandboxes_.end(), [&](const auto& each) { return each.id == id; });
    return found == sandboxes_.end() ? nullptr : &*found;
  }

  int milliseconds_to_next_kill() const {
    std::optional<steady_clock::time_point> next;
    for (const auto& each : sandboxes_)
      if (each.kill_at && (!next || *each.kill_at < *next)) next = each.kill_at;
    if (!next) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - steady_clock::now()).count();
    return static_cast<int>(std::max<long long>(left, 0));
  }

  void kill_overdue() {
    for (auto& each : sandboxes_)
      if (each.kill_at && *each.kill_at <= steady_clock::now()) each.kill_now();
  }

  void read_report(launched_sandbox& which) {
    which.read_report();
    // PID 1 may have ended before it was named.
    if (const auto ended = unknown_ends_.find(which.first); ended != unknown_ends_.end())
      which.reaped(ended->first, ended->second);
    if (!which.starting() && which.failure.empty() && !which.asked_to_end) answer_launch(which);
  }

  void answer_launch(launched_sandbox& which) {
    if (which.launch == 0) return;
    const bool stopped = which.failure.empty() && which.asked_to_end;
    send({std::exchange(which.launch, 0), which.id, stopped ? "it was stopped while it started" : which.failure, {}});
  }

  void reap() {
    signalfd_siginfo ignored;
    while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
    }
    int status = 0;
    for (pid_t process = 0; (process = ::waitpid(-1, &status, WNOHANG)) > 0;) take_end(process, status);
    const bool any_starting =
        std::any_of(sandboxes_.begin(), sandboxes_.end(), [](const auto& each) { return each.starting(); });
    if (!any_starting) unknown_ends_.clear();
    // What a plain sandbox's end left behind came to us (there is no PID 1 that takes it along).
    strangers_ = chosen_ && chosen_->ids.mode == isolation_mode::none && end_strangers();
  }

  void take_end(pid_t process, int status) {
    for (auto& each : sandboxes_)
      if (each.owns(process)) return each.reaped(process, status);
    if (!removals_.take_end(process, status)) unknown_ends_[process] = status;
  }

  /// Ends the children that nothing here knows; whether there were any. Their end is told by a signal, like any other's.
  bool end_strangers() {
    bool any = false;
    const auto owns = [](pid_t process) { return [process](const auto& each) { return each.owns(process); }; };
    for (const pid_t child : children_of_this_process()) {
      const bool known = std::any_of(sandboxes_.begin(), sandboxes_.end(), owns(child)) || removals_.owns(child);
      if (known) continue;
      ::kill(child, SIGKILL);
      any = true;
    }
    return any;
  }

  /// Tells the library of what has ended, and goes on with what waited for it.
  void settle() {
    if (strangers_) return;  // a plain sandbox is gone when all that it left behind is
    for (auto& each : sandboxes_) {
      if (!each.gone()) continue;
      const bool was_up = each.launch == 0;
      answer_launch(each);
      for (const auto number : each.stops) send({number, each.id, {}, {}});
      if (was_up && !each.asked_to_end) send({0, each.id, each.end, {}});
      groups_.remove(each.groups);
    }
    sandboxes_.remove_if([](const auto& each) { return each.gone(); });
    removals_.start([&](const std::string& id) { return find(id) == nullptr; });
  }

  // The library always reads; should its socket be full, waiting for it is all there is to do.
  void send(const helper_answer& answer) {
    const std::string text = encode(answer);
    while (send_packet(control_, text) == boost::system::errc::operation_would_block) {
      pollfd writable{control_, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    }
  }

  int control_;
  unique_fd signals_;
  equipment equipment_;
  held_directory data_;
  control_groups groups_;
  std::optional<chosen_isolation> chosen_;
  std::list<launched_sandbox> sandboxes_;
  removals removals_{[this](const helper_answer& answer) { send(answer); }};
  bool strangers_ = false;
  std::map<pid_t, int> unknown_ends_;  ///< Reaped children that no sandbox has named yet.
};

}  // namespace

int run_host_helper(int control) {
  // Nothing of the embedding process is ours: not its descriptors, its terminal, its signals or its folder.
  ::syscall(SYS_close_range, control + 1, ~0U, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  ::prctl(PR_SET_NAME, "daytona-helper");
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(022);
  if (rlimit files{}; ::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  try {
    helper{control}.run();
    return 0;
  } catch (const std::exception& failure) {
    std::ignore = send_packet(control, encode(helper_answer{1, {}, failure.what(), {}}));  // the server may be gone
    return 1;
  }
}

}  // namespace daytona::local
