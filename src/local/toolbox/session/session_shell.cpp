#include "local/toolbox/session/session_shell.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/pipe_ends.hpp"
#include "local/toolbox/process/shell.hpp"
#include "local/toolbox/process/spawn.hpp"
#include "local/toolbox/session/session_keeper.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_report = 4096;  // whatever prints there too
constexpr std::chrono::seconds patience_with_keeper{2};

}  // namespace

session_shell::session_shell(const asio::any_io_executor& executor, std::function<void()> changed)
    : changed_{std::move(changed)},
      program_{system_shell()},
      input_{executor},
      reports_{executor},
      told_{executor},
      ended_{executor} {}

std::shared_ptr<session_shell> session_shell::start(const asio::any_io_executor& executor, child_watcher& children,
                                                    const std::string& toolbox, const std::string& directory,
                                                    std::function<void()> changed) {
  const std::shared_ptr<session_shell> shell{new session_shell{executor, std::move(changed)}};
  shell->run(toolbox, directory);
  children.watch(shell->keeper_, [shell](int) { shell->keeper_ = -1; });
  asio::co_spawn(executor, read_keeper(shell), [shell](std::exception_ptr) { shell->on_keeper_gone(); });
  asio::co_spawn(executor, read_reports(shell), [shell](std::exception_ptr) { shell->on_reports_end(); });
  return shell;
}

void session_shell::run(const std::string& toolbox, const std::string& directory) {
  pipe_ends input = make_pipe();
  pipe_ends output = make_pipe();
  pipe_ends told = make_pipe();

  spawn_request request;
  request.arguments = {toolbox, keeper_command, program_};
  request.environment = merged_environment({});
  request.cwd = directory;
  request.input = input.read.get();
  request.output = output.write.get();
  request.errors = told.write.get();
  request.leads_session = true;
  const int error = spawn(request, keeper_);
  check_error(error, "start " + program_);
  input_.assign(input.write.release());
  reports_.assign(output.read.release());
  told_.assign(told.read.release());
  input_.non_blocking(true);
  reports_.non_blocking(true);
}

family_heads session_shell::family() const {
  // Should somebody have ended the keeper, what is of the shell's session of processes is found all the same, as long as no other process has its number.
  const bool is_unknown = is_end_known_ && (keeper_ > 0 || ::kill(process_, 0) == 0);
  return {keeper_, is_unknown ? -1 : process_};
}

void session_shell::end_keeper() const {
  if (keeper_ > 0) ::kill(keeper_, SIGKILL);
}

bool session_shell::send(const std::string& line) {
  // The shell has read all lines before this one, so the pipe is empty and has room for it as a whole, unless somebody else has filled it.
  const auto size = ::write(input_.native_handle(), line.data(), line.size());
  if (size == static_cast<ssize_t>(line.size())) return true;
  close_input();
  return false;
}

std::optional<int> session_shell::report_of(unsigned number) const {
  if (!report_ || report_->number != number) return std::nullopt;
  return report_->exit_code;
}

void session_shell::close_input() {
  boost::system::error_code ignored;
  input_.close(ignored);
}

asio::awaitable<void> session_shell::read_keeper(std::shared_ptr<session_shell> self) {
  std::string text;
  const auto room = asio::dynamic_buffer(text, longest_report);
  boost::system::error_code error;
  while (!self->exit_code_) {
    const auto size =
        co_await asio::async_read_until(self->told_, room, '\n', asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    self->hear(std::string_view{text}.substr(0, size));
    text.erase(0, size);
  }
}

void session_shell::on_keeper_gone() {
  boost::system::error_code ignored;
  told_.close(ignored);
  if (!exit_code_) on_end(-1);
}

void session_shell::hear(std::string_view line) {
  constexpr std::string_view began = "shell ";
  constexpr std::string_view ended = "ended ";
  const int number = std::atoi(std::string{line.substr(std::min(line.size(), began.size()))}.c_str());
  if (line.starts_with(began)) {
    process_ = number;
    changed_();
  }
  if (!line.starts_with(ended)) return;
  is_end_known_ = true;
  if (!exit_code_) on_end(WIFEXITED(number) ? WEXITSTATUS(number) : -1);
}

void session_shell::on_end(int exit_code) {
  exit_code_ = exit_code;
  read_last_reports();
  close_input();
  boost::system::error_code ignored;
  reports_.cancel(ignored);
  ended_.close(ignored);
  silence_.reset();
  changed_();
}

asio::awaitable<void> session_shell::read_reports(std::shared_ptr<session_shell> self) {
  boost::system::error_code error;
  while (!error && !self->exit_code_) {
    std::array<char, 512> bytes;
    const auto size =
        co_await self->reports_.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    self->unread_.append(bytes.data(), size);
    self->take_reports();
    if (size > 0) self->changed_();
  }
}

// Nobody can report any longer: the shell has ended, or is another program by now.
void session_shell::on_reports_end() {
  close_input();
  boost::system::error_code ignored;
  reports_.close(ignored);
  changed_();
  if (!exit_code_) watch_process();
}

// A keeper that somebody has stopped tells nothing of its end.
void session_shell::watch_process() {
  const auto self = shared_from_this();
  silence_ = std::make_shared<http::alarm>(ended_.get_executor(), [weak = std::weak_ptr{self}] {
    const auto shell = weak.lock();
    if (!shell || shell->exit_code_) return;
    shell->is_end_known_ = true;
    shell->on_end(-1);
  });
  unique_fd process{static_cast<int>(::syscall(SYS_pidfd_open, process_, 0))};
  if (!process) return silence_->set(patience_with_keeper);
  ended_.assign(process.release());
  ended_.async_wait(asio::posix::descriptor_base::wait_read, [self](boost::system::error_code error) {
    if (!error && self->silence_) self->silence_->set(patience_with_keeper);
  });
}

// What it said before it ended. Its end of the pipe may still be held by a process that it left behind.
void session_shell::read_last_reports() {
  std::array<char, longest_report> bytes;
  const auto size = reports_.is_open() ? ::read(reports_.native_handle(), bytes.data(), bytes.size()) : 0;
  if (size > 0) unread_.append(bytes.data(), static_cast<std::size_t>(size));
  take_reports();
}

void session_shell::take_reports() {
  std::size_t end = 0;
  while ((end = unread_.find('\n')) != std::string::npos) {
    if (const auto report = parse_shell_report(std::string_view{unread_}.substr(0, end))) report_ = report;
    unread_.erase(0, end + 1);
  }
  if (unread_.size() > longest_report) unread_.clear();
}

}  // namespace daytona::local::toolbox
