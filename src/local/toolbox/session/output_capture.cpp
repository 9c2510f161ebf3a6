#include "local/toolbox/session/output_capture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t capture_size = 64 * 1024;  // what a pipe holds

/// Where bytes lie between a pipe and the log: for all commands, since nothing suspends meanwhile.
char* capture_buffer() {
  static const auto memory = std::make_unique<char[]>(capture_size);
  return memory.get();
}

}  // namespace

output_capture::output_capture(const asio::any_io_executor& executor, std::shared_ptr<log_file> log,
                               std::function<void()> changed)
    : log_{std::move(log)}, changed_{std::move(changed)}, output_{executor}, errors_{executor} {}

void output_capture::start(unique_fd output, unique_fd errors) {
  output_.assign(output.release());
  errors_.assign(errors.release());
  open_ = 2;
  const auto executor = output_.get_executor();
  const auto self = shared_from_this();
  asio::co_spawn(executor, read(self, output_, log_source::stdout_),
                 [self](std::exception_ptr) { self->end(self->output_); });
  asio::co_spawn(executor, read(self, errors_, log_source::stderr_),
                 [self](std::exception_ptr) { self->end(self->errors_); });
}

void output_capture::end(descriptor& from) {
  boost::system::error_code ignored;
  from.close(ignored);
  --open_;
  changed_();
}

asio::awaitable<void> output_capture::read(std::shared_ptr<output_capture> self, descriptor& from, log_source source) {
  boost::system::error_code error;
  bool more = true;
  while (more && !self->given_up_) {
    co_await from.async_wait(descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
    more = !error && self->read_some(from, source);
  }
}

bool output_capture::read_some(descriptor& from, log_source source) {
  const auto size = ::read(from.native_handle(), capture_buffer(), capture_size);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  log_->append(source, {capture_buffer(), static_cast<std::size_t>(size)});
  changed_();
  return true;
}

void output_capture::read_what_is_there(descriptor& from, log_source source) {
  constexpr int most_reads = 16;  // somebody may go on writing
  for (int n = 0; n < most_reads && from.is_open(); ++n) {
    const auto size = ::read(from.native_handle(), capture_buffer(), capture_size);
    if (size <= 0) return;
    log_->append(source, {capture_buffer(), static_cast<std::size_t>(size)});
  }
}

void output_capture::give_up() {
  if (given_up_ || open_ == 0) return;
  given_up_ = true;
  read_what_is_there(output_, log_source::stdout_);
  read_what_is_there(errors_, log_source::stderr_);
  boost::system::error_code ignored;
  output_.cancel(ignored);
  errors_.cancel(ignored);
}

}  // namespace daytona::local::toolbox
