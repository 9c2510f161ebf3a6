#include "local/toolbox/process/command.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/shell.hpp"
#include "local/toolbox/process/spawn.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using steady_clock = asio::steady_timer::clock_type;
using steady_time = asio::steady_timer::time_point;
using boost::system::error_code;

/// A command under way. Shared by the coroutines that feed it, read it and wait for it.
struct running {
  explicit running(asio::any_io_executor executor) : input{executor}, output{executor}, wake{executor} {}
  asio::posix::stream_descriptor input;
  asio::posix::stream_descriptor output;
  asio::steady_timer wake;  ///< Cancelled at each change.
  std::string script;
  std::shared_ptr<command_output> printed;
  bool output_ended = false;
  int status = 0;
  std::optional<steady_time> ended_at;  ///< Of the shell; `status` is known since then.
};

using running_ptr = std::shared_ptr<running>;

asio::awaitable<void> feed(running_ptr self) {
  error_code ignored;  // a shell that ends without reading it all is no failure
  co_await asio::async_write(self->input, asio::buffer(self->script),
                             asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> collect(running_ptr self) {
  std::array<char, 16 * 1024> bytes;
  error_code error;
  while (!error) {
    const auto size =
        co_await self->output.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    self->printed->append({bytes.data(), size});
  }
}

std::string failure_text(const std::string& shell, int error) {
  std::string reason = std::strerror(error);
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return "fork/exec " + shell + ": " + reason;
}

/// Starts the shell; returns its process, or nothing and why not.
std::optional<pid_t> start(running& self, const command& what, std::string& failure) {
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  const bool piped = ::pipe2(input, O_CLOEXEC) == 0 && ::pipe2(output, O_CLOEXEC) == 0;
  const unique_fd shell_input{input[0]};
  const unique_fd shell_output{output[1]};
  unique_fd our_input{input[1]};
  unique_fd our_output{output[0]};
  const std::string shell = system_shell();
  pid_t child = -1;
  int error = piped ? 0 : errno;
  if (error == 0)
    error =
        spawn({{shell}, merged_environment(what.environment), what.cwd, shell_input.get(), shell_output.get()}, child);
  if (error != 0) {
    failure = failure_text(shell, error);
    return std::nullopt;
  }
  self.input.assign(our_input.release());
  self.output.assign(our_output.release());
  return child;
}

/// Waits until the shell has ended and its output too, or nothing more is waited for. False = the timeout came first.
asio::awaitable<bool> wait_for_end(running_ptr self, steady_time timeout) {
  while (!self->ended_at || !self->output_ended) {
    const auto patience = self->ended_at ? *self->ended_at + left_behind_limit : steady_time::max();
    const auto limit = std::min(timeout, patience);
    self->wake.expires_at(limit);
    error_code changed;
    co_await self->wake.async_wait(asio::redirect_error(asio::use_awaitable, changed));
    if (steady_clock::now() >= limit) co_return patience < timeout;
  }
  co_return true;
}

asio::awaitable<void> kill_group(running_ptr self, pid_t leader) {
  ::kill(-leader, SIGKILL);
  while (!self->ended_at) {
    self->wake.expires_at(steady_time::max());
    error_code changed;
    co_await self->wake.async_wait(asio::redirect_error(asio::use_awaitable, changed));
  }
}

}  // namespace

command::command() = default;
command_result::command_result() = default;

asio::awaitable<command_result> run_command(command what, child_watcher& children,
                                            std::shared_ptr<command_output> output) {
  const auto executor = co_await asio::this_coro::executor;
  const auto self = std::make_shared<running>(executor);
  command_result result;
  std::string failure;
  const auto child = start(*self, what, failure);
  if (!child) {
    output->append(failure);
    result.exit_code = -1;
    co_return result;
  }
  self->script = std::move(what.script);
  self->printed = output;
  children.watch(*child, [self](int status) {
    self->status = status;
    self->ended_at = steady_clock::now();
    self->wake.cancel();
  });
  asio::co_spawn(executor, feed(self), [self](std::exception_ptr) {
    error_code closed;
    self->input.close(closed);
  });
  asio::co_spawn(executor, collect(self), [self](std::exception_ptr) {
    self->output_ended = true;
    self->wake.cancel();
  });

  const auto timeout = what.timeout ? steady_clock::now() + *what.timeout : steady_time::max();
  const bool ended = co_await wait_for_end(self, timeout);
  if (!ended) co_await kill_group(self, *child);
  error_code ignored;
  self->input.close(ignored);
  self->output.close(ignored);
  result.timed_out = !ended;
  result.exit_code = WIFEXITED(self->status) ? WEXITSTATUS(self->status) : -1;
  output->end();
  co_return result;
}

}  // namespace daytona::local::toolbox
