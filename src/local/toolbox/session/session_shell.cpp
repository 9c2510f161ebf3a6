#include "local/toolbox/session/session_shell.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "local/toolbox/process/shell.hpp"
#include "local/toolbox/process/spawn.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_report = 4096;  // whatever prints there too

std::vector<std::string> own_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

void check_system(bool succeeded, int error, const std::string& what) {
  if (!succeeded) throw std::system_error{error, std::generic_category(), what};
}

}  // namespace

session_shell::session_shell(const asio::any_io_executor& executor, std::function<void()> changed)
    : changed_{std::move(changed)}, program_{system_shell()}, input_{executor}, reports_{executor} {}

std::shared_ptr<session_shell> session_shell::start(const asio::any_io_executor& executor, child_watcher& children,
                                                    const std::string& directory, std::function<void()> changed) {
  const std::shared_ptr<session_shell> shell{new session_shell{executor, std::move(changed)}};
  shell->run(directory);
  children.watch(shell->process_, [shell](int status) { shell->on_end(status); });
  asio::co_spawn(executor, read_reports(shell), asio::detached);
  return shell;
}

void session_shell::run(const std::string& directory) {
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  const bool piped = ::pipe2(input, O_CLOEXEC) == 0 && ::pipe2(output, O_CLOEXEC) == 0;
  const int pipe_error = errno;
  const unique_fd shell_input{input[0]};
  const unique_fd shell_output{output[1]};
  unique_fd our_input{input[1]};
  unique_fd our_output{output[0]};
  check_system(piped, pipe_error, "make the shell's pipes");
  const unique_fd nowhere{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  check_system(static_cast<bool>(nowhere), errno, "open /dev/null");

  spawn_request request;
  request.arguments = {program_};
  request.environment = own_environment();
  request.cwd = directory;
  request.input = shell_input.get();
  request.output = shell_output.get();
  request.errors = nowhere.get();
  request.leads_session = true;
  const int error = spawn(request, process_);
  check_system(error == 0, error, "start " + program_);
  input_.assign(our_input.release());
  reports_.assign(our_output.release());
  input_.non_blocking(true);
  reports_.non_blocking(true);
}

void session_shell::send(const std::string& line) {
  // The shell has read all lines before this one, so the pipe is empty and has room for it as a whole.
  const auto size = ::write(input_.native_handle(), line.data(), line.size());
  if (size != static_cast<ssize_t>(line.size())) close_input();
}

std::optional<int> session_shell::report_of(unsigned number) const {
  if (!report_ || report_->number != number) return std::nullopt;
  return report_->exit_code;
}

void session_shell::close_input() {
  boost::system::error_code ignored;
  input_.close(ignored);
}

void session_shell::on_end(int status) {
  read_last_reports();
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  close_input();
  boost::system::error_code ignored;
  reports_.cancel(ignored);
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
  // Nobody can report any longer: the shell has ended, or is another program by now.
  self->close_input();
  self->reports_.close(error);
  self->changed_();
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
