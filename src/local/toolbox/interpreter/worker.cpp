#include "local/toolbox/interpreter/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "local/toolbox/interpreter/interpreter_limits.hpp"
#include "local/toolbox/process/process_family.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t worker_buffer_size = 64 * 1024;
constexpr std::size_t packet_size = 32 * 1024;
constexpr int most_packets = 64;         // in one turn
constexpr int most_reads_of_pipes = 32;  // somebody may go on writing
constexpr int most_turns = 64;           // a child of its may go on

/// Where bytes lie between a worker and its program's client: for all workers, since nothing suspends meanwhile.
template <int Number>
char* worker_buffer() {
  static const auto memory = std::make_unique<char[]>(worker_buffer_size);
  return memory.get();
}

}  // namespace

worker::worker(const asio::any_io_executor& executor, worker_process started, std::function<void()> changed)
    : process_{started.process},
      channel_{executor, started.channel.release()},
      output_{executor, started.output.release()},
      errors_{executor, started.errors.release()},
      changed_{std::move(changed)} {}

std::shared_ptr<worker> worker::start(const asio::any_io_executor& executor, child_watcher& children,
                                      const std::string& mark, const std::string& directory,
                                      std::function<void()> changed) {
  auto started = start_worker_process(mark, directory);
  const std::shared_ptr<worker> made{new worker{executor, std::move(started), std::move(changed)}};
  children.watch(made->process_, [made](int status) { made->on_end(status); });
  // A process that can't be spoken to is no worker.
  asio::co_spawn(executor, read_channel(made), [made](std::exception_ptr) { made->kill(); });
  for (const bool is_stdout : {true, false}) {
    descriptor& pipe = is_stdout ? made->output_ : made->errors_;
    asio::co_spawn(executor, read_pipe(made, pipe, is_stdout), [made, &pipe](std::exception_ptr) {
      boost::system::error_code ignored;
      pipe.close(ignored);
    });
  }
  return made;
}

void worker::run(const std::shared_ptr<execution>& program) {
  report_.begin(program);
  const auto self = shared_from_this();
  asio::co_spawn(channel_.get_executor(), write(self, worker_command(program->request())),
                 [self](std::exception_ptr failure) {
                   if (failure) self->kill();
                 });
}

void worker::interrupt(bool with_children) {
  if (status_) return;
  ::kill(with_children ? -process_ : process_, SIGINT);
}

void worker::kill() {
  if (!status_) ::kill(process_, SIGKILL);
}

// No packet but the last ends with a line break.
asio::awaitable<void> worker::write(std::shared_ptr<worker> self, std::string line) {
  boost::system::error_code error;
  std::string_view rest{line};
  while (!rest.empty() && !error && self->channel_.is_open()) {
    const auto piece = rest.substr(0, packet_size);
    const auto sent = ::send(self->channel_.native_handle(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == static_cast<ssize_t>(piece.size())) {
      rest.remove_prefix(piece.size());
      continue;
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR) co_return;  // it has ended, which others see
    co_await self->channel_.async_wait(descriptor::wait_write, asio::redirect_error(asio::use_awaitable, error));
  }
}

asio::awaitable<void> worker::read_channel(std::shared_ptr<worker> self) {
  boost::system::error_code error;
  for (bool more = true; more;) {
    while (const auto slow = self->held_up()) co_await slow->changed().next();
    co_await self->channel_.async_wait(descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
    more = !error && self->take_packets() >= 0;
  }
}

asio::awaitable<void> worker::read_pipe(std::shared_ptr<worker> self, descriptor& pipe, bool is_stdout) {
  boost::system::error_code error;
  for (bool more = true; more;) {
    while (const auto slow = self->held_up()) co_await slow->changed().next();
    co_await pipe.async_wait(descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
    more = !error && self->read_before_packets(pipe, is_stdout);
  }
}

std::shared_ptr<execution> worker::held_up() const {
  const auto& program = report_.program();
  return program && !program->has_room() && !status_ ? program : nullptr;
}

bool worker::take_all_packets() {
  for (int turn = 0; turn < most_turns && !held_up(); ++turn)
    if (take_packets() <= 0) return true;
  return false;
}

int worker::take_packets() {
  int taken = 0;
  for (; taken < most_packets && channel_.is_open(); ++taken) {
    char* const buffer = worker_buffer<0>();
    const auto size = ::recv(channel_.native_handle(), buffer, worker_buffer_size, MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR ? taken : -1;
    if (size == 0) return -1;
    take_packet({buffer, static_cast<std::size_t>(size)});
  }
  return taken;
}

void worker::take_packet(std::string_view packet) {
  const auto next = report_.take(packet);
  if (next == worker_report::step::none) return;
  read_pipes();
  if (next == worker_report::step::answer) return answer_sync();
  if (report_.end_program()) changed_();
}

// It waits, so that what comes after is behind this.
void worker::answer_sync() {
  [[maybe_unused]] const auto sent = ::send(channel_.native_handle(), ".\n", 2, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void worker::read_pipes() {
  for (descriptor* pipe : {&output_, &errors_})
    for (int n = 0; n < most_reads_of_pipes && pipe->is_open(); ++n)
      if (read_some(*pipe, pipe == &output_, worker_buffer_size) <= 0) break;
}

// What the program printed before the bytes that are in the pipe now is in the channel now; and what it prints behind them, it sends only once they were
// taken.
bool worker::read_before_packets(descriptor& pipe, bool is_stdout) {
  int ready = 0;
  ::ioctl(pipe.native_handle(), FIONREAD, &ready);
  const auto& size = is_stdout ? output_size_ : errors_size_;
  const auto end = size + static_cast<std::uint64_t>(std::max(ready, 0));
  if (!take_all_packets()) return true;
  if (size < end) return read_some(pipe, is_stdout, static_cast<std::size_t>(end - size)) != 0;
  if (ready > 0) return true;  // it was asked for meanwhile
  pollfd look{pipe.native_handle(), POLLIN, 0};
  return ::poll(&look, 1, 0) >= 0 && (look.revents & (POLLIN | POLLHUP)) != POLLHUP;
}

ssize_t worker::read_some(descriptor& pipe, bool is_stdout, std::size_t most) {
  char* const buffer = worker_buffer<1>();
  const auto size = ::read(pipe.native_handle(), buffer, std::min(most, worker_buffer_size));
  if (size <= 0) return size;
  (is_stdout ? output_size_ : errors_size_) += static_cast<std::uint64_t>(size);
  report_.put_output(is_stdout, {buffer, static_cast<std::size_t>(size)});
  return size;
}

void worker::on_end(int status) {
  for (int turn = 0; turn < most_turns && take_packets() > 0; ++turn) {
  }
  read_pipes();
  status_ = status;
  if (const auto& program = report_.program()) program->changed().tell();
  report_.forget_program();
  boost::system::error_code ignored;
  channel_.close(ignored);
  output_.close(ignored);
  errors_.close(ignored);
  family_heads heads;
  heads.shell = process_;  // a number that leads a session is given to no other process
  asio::co_spawn(channel_.get_executor(), end_family(heads, context_grace), [](std::exception_ptr) {});  // nobody waits
  changed_();
}

}  // namespace daytona::local::toolbox
