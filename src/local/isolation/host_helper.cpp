#include "local/isolation/host_helper.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <tuple>
#include <unordered_map>

#include "daytona/error.hpp"
#include "local/isolation/helper_messages.hpp"
#include "local/isolation/helper_process.hpp"
#include "local/isolation/packet.hpp"

namespace asio = boost::asio;

namespace daytona::local {

namespace {

using wait_type = asio::posix::descriptor_base::wait_type;
using boost::system::error_code;

/// A call that waits for its answer. The timer never fires: it is what the waiter sleeps on.
struct waiter {
  explicit waiter(const asio::any_io_executor& executor) : wake{executor, asio::steady_timer::time_point::max()} {}
  asio::steady_timer wake;
  std::optional<helper_answer> answer;
};

error failed(errc code, const std::string& operation, const std::string& message) {
  error_details details;
  details.operation = operation;
  return {make_error_code(code), message, std::move(details)};
}

/// What is shared by the handles and the coroutine that listens to the helper.
struct link {
  link(asio::any_io_executor own_executor, const std::filesystem::path& program)
      : executor{std::move(own_executor)},
        process{program},
        socket{executor, process.release_socket().release()},
        ended{executor} {
    ended.assign(process.pidfd());
  }
  ~link() { ended.release(); }

  asio::any_io_executor executor;
  helper_process process;
  asio::posix::stream_descriptor socket;
  asio::posix::stream_descriptor ended;  ///< The process's pidfd, on loan.
  std::unordered_map<std::uint64_t, std::shared_ptr<waiter>> waiters;
  std::uint64_t last_number = 0;
  bool closing = false;
  isolation_probe probe;
  std::function<void(std::string, std::string)> exit_handler;
  std::function<void(std::string)> lost_handler;

  void hang_up() {
    closing = true;
    error_code ignored;
    socket.close(ignored);
  }

  void deliver(helper_answer answer) {
    if (answer.number == 0) {
      if (exit_handler && !closing) exit_handler(answer.id, answer.failure);
      return;
    }
    const auto found = waiters.find(answer.number);
    if (found == waiters.end()) return;  // given up: cancelled
    found->second->answer = std::move(answer);
    found->second->wake.cancel();
    waiters.erase(found);
  }

  void lose() {
    const bool unasked = !closing;
    hang_up();
    const auto left = std::exchange(waiters, {});
    for (const auto& [number, waiting] : left) waiting->wake.cancel();
    if (unasked && lost_handler)
      lost_handler("the host-helper ended, and every sandbox with it; start the server again");
  }
};

using link_ptr = std::shared_ptr<link>;

asio::awaitable<void> listen(link_ptr self) {
  while (self->socket.is_open()) {
    error_code error;
    auto received = receive_packet(self->socket.native_handle(), error);
    if (received) {
      self->deliver(decode_answer(received->text));
      continue;
    }
    if (error != boost::system::errc::operation_would_block) break;
    co_await self->socket.async_wait(wait_type::wait_read, asio::redirect_error(asio::use_awaitable, error));
  }
  self->lose();
  error_code ignored;
  co_await self->ended.async_wait(wait_type::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
  if (!ignored) self->process.reap(std::chrono::milliseconds{0});
}

asio::awaitable<void> send(link_ptr self, std::string text, std::vector<int> descriptors) {
  while (self->socket.is_open()) {
    const auto error = send_packet(self->socket.native_handle(), text, descriptors);
    if (!error) co_return;
    if (error == boost::system::errc::message_size)
      throw failed(errc::invalid_argument, "talk to the host-helper",
                   "the environment of a sandbox is too large: at most 128 KiB in all");
    if (error != boost::system::errc::operation_would_block) break;
    co_await self->socket.async_wait(wait_type::wait_write, asio::use_awaitable);
  }
  throw failed(errc::service_unavailable, "talk to the host-helper",
               "the host-helper has ended; start the server again");
}

/// Tells the helper without waiting for what it says. That it has ended is seen where its answers are read.
void tell(const link_ptr& self, helper_request request) {
  request.number = ++self->last_number;
  if (self->socket.is_open()) std::ignore = send_packet(self->socket.native_handle(), encode(request));
}

asio::awaitable<helper_answer> call(link_ptr self, helper_request request, std::vector<int> descriptors) {
  const auto waiting = std::make_shared<waiter>(self->executor);
  request.number = ++self->last_number;
  self->waiters.emplace(request.number, waiting);
  error_code cancelled;
  try {
    co_await send(self, encode(request), std::move(descriptors));
    if (!waiting->answer && self->waiters.contains(request.number))
      co_await waiting->wake.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  } catch (...) {
    self->waiters.erase(request.number);
    throw;
  }
  if (waiting->answer) co_return std::move(*waiting->answer);
  if (self->waiters.erase(request.number) > 0) throw boost::system::system_error{asio::error::operation_aborted};
  throw failed(errc::service_unavailable, "talk to the host-helper",
               "the host-helper has ended; start the server again");
}

asio::awaitable<toolbox_channel> launch_sandbox(link_ptr self, sandbox_launch what) {
  error_code error;
  auto ends = socket_pair(SOCK_SEQPACKET, error);
  if (error)
    throw failed(errc::sandbox_failed, "start sandbox", "no socket for sandbox " + what.id + ": " + error.message());
  const std::string id = what.id;
  helper_request request;
  request.what = std::move(what);
  helper_answer answer;
  try {
    std::vector<int> travelling(1, ends.second.get());
    answer = co_await call(self, std::move(request), std::move(travelling));
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() == asio::error::operation_aborted) tell(self, {0, stop_request{id, {}}});
    throw;
  }
  if (!answer.failure.empty())
    throw failed(errc::sandbox_failed, "start sandbox", "sandbox " + id + " did not start: " + answer.failure);
  co_return toolbox_channel{self->executor, std::move(ends.first)};
}

asio::awaitable<void> call_plainly(link_ptr self, helper_request request, std::string operation) {
  const auto answer = co_await call(self, std::move(request), {});
  if (!answer.failure.empty()) throw failed(errc::sandbox_failed, operation, operation + ": " + answer.failure);
}

asio::awaitable<void> close_link(link_ptr self) {
  self->hang_up();
  error_code error;
  while (!error && !self->process.reap(std::chrono::milliseconds{0}))
    co_await self->ended.async_wait(wait_type::wait_read, asio::redirect_error(asio::use_awaitable, error));
  if (error) throw boost::system::system_error{error};
}

}  // namespace

class host_helper::impl {
 public:
  explicit impl(link_ptr link) : link_{std::move(link)} {}
  ~impl() { link_->hang_up(); }
  const link_ptr& link() const { return link_; }

  static asio::awaitable<host_helper> start(host_helper_options options) {
    const auto executor = co_await asio::this_coro::executor;
    auto started = std::make_shared<impl>(std::make_shared<daytona::local::link>(executor, options.program));
    asio::co_spawn(executor, listen(started->link()), [link = started->link()](std::exception_ptr failure) {
      if (failure) link->lose();  // or who waits for an answer would do so for ever
    });

    helper_request request;
    request.what = start_request{options.data_directory, options.base,    options.cgroup,
                                 options.isolation,      options.require, options.temporary};
    std::vector<int> travelling(options.lock < 0 ? 0 : 1, options.lock);
    helper_answer answer;
    try {
      answer = co_await call(started->link(), std::move(request), std::move(travelling));
    } catch (const error& ended) {
      if (ended.code() != errc::service_unavailable) throw;
      throw failed(
          errc::service_unavailable, "start the host-helper",
          options.program.string() + " ended at once, as daytona-toolbox does not; name the file daytona-toolbox");
    }
    if (!answer.failure.empty()) throw failed(errc::service_unavailable, "start the host-helper", answer.failure);
    started->link()->probe = std::move(answer.probe);
    co_return host_helper{std::move(started)};
  }

 private:
  link_ptr link_;
};

host_helper_options::host_helper_options() = default;
host_helper::host_helper(std::shared_ptr<impl> state) : impl_{std::move(state)} {}

asio::awaitable<host_helper> host_helper::start(host_helper_options options) { return impl::start(std::move(options)); }

const isolation_probe& host_helper::isolation() const { return impl_->link()->probe; }

asio::awaitable<toolbox_channel> host_helper::launch(sandbox_launch what) const {
  return launch_sandbox(impl_->link(), std::move(what));
}

asio::awaitable<void> host_helper::stop(std::string id, bool force, std::chrono::milliseconds grace) const {
  helper_request request;
  request.what = stop_request{std::move(id), force ? std::chrono::milliseconds{0} : grace};
  return call_plainly(impl_->link(), std::move(request), "stop sandbox");
}

asio::awaitable<void> host_helper::remove(std::string id, std::filesystem::path directory) const {
  helper_request request;
  request.what = remove_request{std::move(id), std::move(directory)};
  return call_plainly(impl_->link(), std::move(request), "remove sandbox");
}

void host_helper::on_exit(std::function<void(std::string id, std::string reason)> handler) const {
  impl_->link()->exit_handler = std::move(handler);
}

void host_helper::on_lost(std::function<void(std::string reason)> handler) const {
  impl_->link()->lost_handler = std::move(handler);
}

void host_helper::abandon() const { impl_->link()->hang_up(); }

asio::awaitable<void> host_helper::close() const { return close_link(impl_->link()); }

}  // namespace daytona::local
