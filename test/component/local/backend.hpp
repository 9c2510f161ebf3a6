#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kit/temporary_directory.hpp"
#include "local/control/sandboxes.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local::test {

/// Runs `work` on `io` until it has ended, and gives what it gave.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool ended = false;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
    ended = true;
  });
  io.restart();
  while (!ended && io.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

inline void run(boost::asio::io_context& io, boost::asio::awaitable<void> work) {
  std::exception_ptr failure;
  bool ended = false;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
    failure = error;
    ended = true;
  });
  io.restart();
  while (!ended && io.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
}

/// No file of this process can be written while it lives.
class no_more_writes {
 public:
  no_more_writes() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~no_more_writes() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  no_more_writes(const no_more_writes&) = delete;
  no_more_writes& operator=(const no_more_writes&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_ = nullptr;
};

/// Isolation that isolates nothing: it notes what it was asked for.
class fake_runner : public sandbox_runner {
 public:
  boost::asio::awaitable<toolbox_channel> launch(sandbox_launch what) override {
    calls.push_back("launch");
    launched.push_back(what);
    boost::system::error_code opened;
    if (gate_launches && gate)
      co_await gate->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, opened));
    if (!launch_failure.empty()) throw std::runtime_error{launch_failure};
    const auto executor = co_await boost::asio::this_coro::executor;
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error{"socketpair"};
    toolboxes.emplace_back(ends[1]);
    if (when_up) when_up(launched.back().id);
    co_return toolbox_channel{executor, unique_fd{ends[0]}};
  }
  boost::asio::awaitable<void> stop(std::string, bool force) override {
    calls.push_back(force ? "kill" : "stop");
    boost::system::error_code opened;
    if (gate) co_await gate->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, opened));
  }
  boost::asio::awaitable<void> remove(std::string, std::filesystem::path) override {
    calls.push_back("remove");
    co_await boost::asio::post(boost::asio::use_awaitable);
    if (!remove_failure.empty()) throw std::runtime_error{remove_failure};
  }

  /// From now on what is asked to stop does so when the gate is opened.
  void close_gate(boost::asio::io_context& io) { gate.emplace(io, boost::asio::steady_timer::time_point::max()); }
  void open_gate() { gate->cancel(); }

  std::optional<boost::asio::steady_timer> gate;
  bool gate_launches = false;  ///< Else only stops wait at the gate.
  std::vector<std::string> calls;
  std::vector<sandbox_launch> launched;
  std::vector<unique_fd> toolboxes;
  std::function<void(const std::string& id)> when_up;  ///< Before the start hears of it.
  std::string launch_failure;
  std::string remove_failure;
};

/// The walks of sandboxes' states, on a state file of its own.
struct backend {
  backend() { open(); }

  /// As a new process would, after the old one was killed.
  void open() {
    runner = std::make_shared<fake_runner>();
    sandboxes_options options;
    options.directory = directory.path / "sandboxes";
    options.organization_id = "org";
    options.toolbox_proxy_url = "http://127.0.0.1:1/toolbox";
    options.most = 3;
    all = std::make_shared<sandboxes>(io.get_executor(), std::make_shared<store>(directory.path / "state.db"), runner,
                                      options);
    run(io, sandboxes::recover(all));
  }

  daytona::test::temporary_directory directory;
  boost::asio::io_context io{1};
  std::shared_ptr<fake_runner> runner;
  std::shared_ptr<sandboxes> all;
};

}  // namespace daytona::local::test
