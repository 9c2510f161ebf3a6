#include "local/toolbox/pty/pty.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <signal.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "local/http/alarm.hpp"
#include "local/http/envelope.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/identifiers.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "local/toolbox/process/shell.hpp"
#include "local/toolbox/process/spawn.hpp"
#include "local/toolbox/process/system_check.hpp"
#include "local/toolbox/pty/terminal.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using descriptor = asio::posix::stream_descriptor;

constexpr std::size_t most_at_once = 32 * 1024;     // a message
constexpr std::size_t most_in_kernel = 256 * 1024;  // more than a terminal can hold that nobody has read
constexpr std::chrono::seconds between_looks{1};    // at clients that hold up others

pid_t start_shell(const pty_request& request, const std::string& terminal_path, const std::string& mark) {
  const std::string shell = system_shell();
  spawn_request wanted;
  wanted.arguments = {shell, "-i", "-l"};
  wanted.environment = merged_environment(request.envs);
  wanted.environment.push_back(mark);
  wanted.cwd = request.cwd;
  wanted.terminal = terminal_path;
  pid_t process = -1;
  const int error = spawn(wanted, process);
  check_error(error, "start " + shell + " in '" + request.cwd + "'");
  return process;
}

}  // namespace

pty::pty(const asio::any_io_executor& executor, child_watcher& children, const pty_limits& limits, pty_request request,
         std::function<void()> ended)
    : executor_{executor},
      children_{children},
      limits_{limits},
      request_{std::move(request)},
      created_at_{http::timestamp_now()},
      mark_{"DAYTONA_PTY=" + new_uuid()},
      ended_{std::move(ended)},
      master_{executor},
      taken_{executor},
      typed_{executor} {
  if (request_.envs["TERM"].empty()) request_.envs["TERM"] = "xterm-256color";
}

void pty::start() {
  if (shell_ > 0) return;
  terminal made{request_.size};
  program_side_ = open_program_side(made.path());
  shell_ = start_shell(request_, made.path(), mark_);
  master_.assign(made.release());
  const auto self = shared_from_this();
  children_.watch(shell_, [self](int status) { self->finish(pty_end{status, self->is_killed_}); });
  const auto ended = [self](std::exception_ptr failure) { self->end_shell_if(failure); };
  asio::co_spawn(executor_, pass_on_output(self), ended);
  asio::co_spawn(executor_, pass_on_input(self), ended);
}

// A terminal that is not served any longer would keep everybody waiting.
void pty::end_shell_if(std::exception_ptr failure) const {
  if (failure && is_active()) ::kill(shell_, SIGKILL);
}

void pty::resize(terminal_size size) {
  if (!is_active()) throw http::http_error{500, "internal server error: cannot resize inactive PTY session"};
  try {
    set_size(master_.native_handle(), size);
  } catch (const std::system_error& failure) {
    throw http::http_error{500, std::string{"internal server error: "} + failure.what()};
  }
  request_.size = size;
}

pty::client_ptr pty::attach() {
  if (clients_.size() >= limits_.clients)
    throw http::http_error{400, "bad request: it has " + std::to_string(clients_.size()) +
                                    " clients, which is the limit: disconnect one first"};
  clients_.push_back(std::make_shared<pty_client>(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->taken_.tell();
  }));
  return clients_.back();
}

void pty::detach(const client_ptr& client) {
  std::erase(clients_, client);
  client->leave();
  taken_.tell();
  typed_.tell();
}

asio::awaitable<void> pty::pass_on_output(std::shared_ptr<pty> self) {
  boost::system::error_code error;
  while (!self->end_ && !error) {
    if (!self->have_room()) {
      co_await self->wait_for_clients();
      continue;
    }
    co_await self->master_.async_wait(descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (!self->end_ && !error) self->read(most_at_once);
  }
}

bool pty::have_room() const {
  return std::ranges::all_of(clients_, [&](const auto& each) { return each->waiting() < limits_.buffer; });
}

asio::awaitable<void> pty::wait_for_clients() {
  std::shared_ptr<http::alarm> look;
  look = std::make_shared<http::alarm>(executor_, [this, &look] {
    drop_slow_clients();
    look->set(between_looks);
  });
  look->set(between_looks);
  while (!end_ && !have_room()) co_await taken_.next();
  look->stop();
}

// A client alone may take its time: its programs wait as they would for any terminal that is stopped. It must not hold up those who keep up.
void pty::drop_slow_clients() {
  const auto is_full = [&](const client_ptr& each) { return each->waiting() >= limits_.buffer; };
  if (std::ranges::all_of(clients_, is_full)) return;
  const auto since = net::timers_of(executor_).now() - slow_client_patience;
  const auto is_slow = [&](const client_ptr& each) { return is_full(each) && each->idle_since() <= since; };
  for (const auto& each : clients_)
    if (is_slow(each)) each->drop();
  std::erase_if(clients_, [](const client_ptr& each) { return each->was_dropped(); });
  taken_.tell();
}

void pty::read(std::size_t most) {
  const auto output = read_output(master_.native_handle(), most);
  for (std::size_t begin = 0; begin < output.size(); begin += most_at_once) {
    const auto piece = std::make_shared<const std::string>(output.substr(begin, most_at_once));
    for (const auto& each : clients_) each->put(piece);
  }
}

asio::awaitable<bool> pty::type(std::shared_ptr<pty> self, client_ptr client, std::string input) {
  const auto is_heard = [&] { return !self->end_ && !client->has_left(); };
  while (is_heard() && self->input_.size() >= longest_input) co_await self->typed_.next();
  if (!is_heard()) co_return false;
  self->input_ += input;
  self->typed_.tell();
  co_return true;
}

asio::awaitable<void> pty::pass_on_input(std::shared_ptr<pty> self) {
  boost::system::error_code error;
  while (!self->end_ && !error) {
    if (self->input_.empty()) {
      co_await self->typed_.next();
      continue;
    }
    try {
      self->input_.erase(0, toolbox::type(self->master_.native_handle(), self->input_));
    } catch (const std::system_error&) {
      co_return;  // the shell's end is told by itself
    }
    self->typed_.tell();
    if (!self->input_.empty())
      co_await self->master_.async_wait(descriptor::wait_write, asio::redirect_error(asio::use_awaitable, error));
  }
}

asio::awaitable<void> pty::kill(std::shared_ptr<pty> self) {
  self->is_killed_ = true;
  if (self->shell_ < 0) self->finish(pty_end{0, true});
  if (self->end_) co_return;
  family_heads heads;
  heads.shell = self->shell_;
  co_await end_family(heads, std::chrono::milliseconds{0}, self->mark_);
  while (!self->end_) co_await self->typed_.next();
}

void pty::hang_up() {
  if (!is_active()) return;
  ::kill(shell_, SIGHUP);
  // A shell that is about to wait for a key heeds a signal only once one comes, and the end of its terminal at once.
  read(most_in_kernel);
  boost::system::error_code ignored;
  master_.close(ignored);
}

void pty::finish(pty_end end) {
  if (master_.is_open()) read(most_in_kernel);  // what it put out last is told before its end
  end_ = std::move(end);
  boost::system::error_code ignored;
  master_.close(ignored);  // what the shell left behind in this terminal is hung up
  program_side_.reset();
  for (const auto& each : std::exchange(clients_, {})) each->end(*end_);
  taken_.tell();
  typed_.tell();
  ended_();
}

}  // namespace daytona::local::toolbox
