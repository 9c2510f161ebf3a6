#include "local/toolbox/daemon.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "local/http/listener.hpp"
#include "local/isolation/children.hpp"
#include "local/isolation/packet.hpp"
#include "local/toolbox/egress.hpp"
#include "local/toolbox/interpreter/code_contexts.hpp"
#include "local/toolbox/memory_watch.hpp"
#include "local/toolbox/process/process_files.hpp"
#include "local/toolbox/pty/ptys.hpp"
#include "local/toolbox/service.hpp"
#include "local/toolbox/session/sessions.hpp"
#include "local/toolbox/settings.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using boost::system::error_code;
using descriptor = asio::posix::stream_descriptor;

// What the toolbox may, its commands must not: they get nothing by inheritance. And nobody looks into it.
void close_up() {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, 2> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return;
  for (auto& half : data) half.inheritable = 0;
  ::syscall(SYS_capset, &header, data.data());
}

unique_fd termination_signals() {
  sigset_t termination;
  ::sigemptyset(&termination);
  ::sigaddset(&termination, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &termination, nullptr);
  return unique_fd{::signalfd(-1, &termination, SFD_CLOEXEC | SFD_NONBLOCK)};
}

class daemon {
 public:
  daemon(bool plain, std::uint64_t memory_limit, const settings& wanted)
      : plain_{plain},
        children_{io_.get_executor()},
        memory_{io_.get_executor(), memory_limit},
        sessions_{start_sessions(wanted)},
        ptys_{std::make_shared<ptys>(io_.get_executor(), children_, wanted.ptys)},
        contexts_{start_contexts(wanted)},
        connections_{std::make_shared<http::connection_group>(
            io_.get_executor(), make_service(children_, memory_, sessions_, ptys_, contexts_))},
        channel_{io_, channel_descriptor},
        lifeline_{io_, lifeline_descriptor},
        termination_{io_, termination_signals().release()} {}

  void run() {
    listen_to_channel();
    lifeline_.async_wait(descriptor::wait_read, [this](error_code) { io_.stop(); });
    listen_to_termination();
    if (!plain_) asio::co_spawn(io_, hand_out_connections(channel_.native_handle()), ignore_failure);
    io_.run();
    if (plain_) end_all_children();
  }

 private:
  std::shared_ptr<sessions> start_sessions(const settings& wanted) {
    children_.when_started([this] { memory_.wake(); });
    return std::make_shared<sessions>(io_.get_executor(), children_, wanted, home_directory() + "/.daytona/sessions");
  }

  std::shared_ptr<code_contexts> start_contexts(const settings& wanted) {
    const interpreter_surroundings around{io_.get_executor(), children_, memory_, wanted.interpreter};
    return std::make_shared<code_contexts>(around);
  }

  // A sandbox without a way out is still a sandbox.
  static void ignore_failure(std::exception_ptr) {}

  void listen_to_channel() {
    channel_.async_wait(descriptor::wait_read, [this](error_code error) {
      if (error || !take_connections()) return io_.stop();
      listen_to_channel();
    });
  }

  /// False once the control plane has closed its end.
  bool take_connections() {
    for (;;) {
      error_code error;
      auto received = receive_packet(channel_.native_handle(), error);
      if (error == boost::system::errc::operation_would_block) return true;
      if (!received) return false;
      for (auto& connection : received->descriptors) {
        const asio::generic::stream_protocol protocol{AF_UNIX, 0};
        connections_->start(http::stream_socket{io_.get_executor(), protocol, connection.release()});
      }
    }
  }

  void listen_to_termination() {
    termination_.async_wait(descriptor::wait_read, [this](error_code error) {
      if (error) return;
      signalfd_siginfo signal{};
      while (::read(termination_.native_handle(), &signal, sizeof signal) > 0)
        if (plain_ || signal.ssi_pid == 0) terminate();  // 0 = from outside: nothing in the sandbox ends it
      listen_to_termination();
    });
  }

  void terminate() {
    children_.when_childless([this] { io_.stop(); });
    ptys_->hang_up();
    if (!plain_) {
      ::kill(-1, SIGTERM);
      return;
    }
    // Every command leads a process group.
    for (const pid_t child : children_of_this_process())
      if (::kill(-child, SIGTERM) != 0) ::kill(child, SIGTERM);
  }

  bool plain_;
  asio::io_context io_{1};
  child_watcher children_;
  memory_watch memory_;
  std::shared_ptr<sessions> sessions_;
  std::shared_ptr<ptys> ptys_;
  std::shared_ptr<code_contexts> contexts_;
  std::shared_ptr<http::connection_group> connections_;
  descriptor channel_;
  descriptor lifeline_;
  descriptor termination_;
};

}  // namespace

int run_daemon(bool plain, std::uint64_t memory_limit) {
  close_up();
  process_files::shared();
  ::signal(SIGPIPE, SIG_IGN);
  if (plain)
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  else
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // the helper's end is ours, also if we hang
  try {
    daemon{plain, plain ? 0 : memory_limit, take_settings()}.run();
    ::_exit(0);  // the kernel ends what still runs here; there is nothing to tidy up for
  } catch (const std::exception&) {
    return 1;  // nobody reads what it would say; the helper tells the status
  }
}

}  // namespace daytona::local::toolbox
