#include "client/pty_state.hpp"

#include <algorithm>
#include <utility>

#include "protocol/error_mapping.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::string_view connect_pty_operation = "connect to PTY session";
constexpr std::string_view read_operation = "read from PTY session";
constexpr std::string_view input_operation = "send input to PTY session";
constexpr std::string_view wait_operation = "wait for PTY session";
constexpr std::string_view disconnect_operation = "disconnect from PTY session";

constexpr std::chrono::seconds connect_limit{10}, disconnect_limit{5};
constexpr std::size_t largest_input = 32 * 1024;  // a message; servers close at more than 64 KiB

using opcode = protocol::web_socket::opcode;
using manner = net::web_socket_end::manner;

}  // namespace

pty_state::pty_state(std::shared_ptr<sandbox_core> sandbox, std::string id, std::shared_ptr<net::web_socket> socket)
    : sandbox_(std::move(sandbox)), id_(std::move(id)), socket_(std::move(socket)) {}

pty_state::~pty_state() { socket_->abandon(); }

pty_handle pty_state::make(std::shared_ptr<pty_state> state) { return pty_handle(std::move(state)); }

/// The one that receives; when it leaves, for whatever reason, another may.
class pty_state::receiver {
 public:
  explicit receiver(pty_state& owner) : owner_(owner) {}
  ~receiver() {
    const std::lock_guard lock{owner_.mutex_};
    owner_.receiving_ = false;
    owner_.changed_.wake_all();
  }
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;

 private:
  pty_state& owner_;
};

awaitable<void> pty_state::advance(std::shared_ptr<pty_state> self, std::shared_ptr<net::operation> op) {
  net::error_code ec;
  std::optional<net::wait_list::place> place;
  {
    const std::lock_guard lock{self->mutex_};
    if (self->is_over()) co_return;
    if (self->receiving_) place.emplace(self->changed_, *op);
    self->receiving_ = true;
  }
  if (place) {
    co_await place->wait(*op, ec);
  } else {
    const receiver mine{*self};
    net::web_socket_inbox inbox;
    const bool came = co_await net::web_socket::receive(self->socket_, op, inbox, ec);
    const std::lock_guard lock{self->mutex_};
    if (came)
      self->take_in(inbox);
    else if (!ec)
      self->take_end(self->socket_->end());
  }
  if (ec) throw_stopped_in(*self->sandbox_, *op, read_operation);
}

void pty_state::take_in(const net::web_socket_inbox& inbox) {
  std::string_view rest{inbox.bytes};
  for (const auto& segment : inbox.segments) {
    const auto bytes = rest.substr(0, segment.size);
    rest.remove_prefix(segment.size);
    if (segment.kind == opcode::binary) {
      output_.append(bytes);
      continue;
    }
    text_.append(bytes);
    if (!segment.ends_message) continue;
    if (!conversation_.take_text(text_)) output_.append(text_);
    text_.clear();
  }
}

void pty_state::take_end(net::web_socket_end end) {
  if (end.how == manner::closed) conversation_.take_close(end.code, end.what);
  end_ = std::move(end);
}

void pty_state::throw_if_broken() const {
  if (disconnected_ || conversation_.has_ended()) return;
  if (conversation_.was_refused()) {
    error_details details;
    details.operation = connect_pty_operation;
    details.sandbox_id = sandbox_->id;
    details.server_message = protocol::presentable(conversation_.error().value_or(""));
    const auto text = protocol::message_prefix(connect_pty_operation) + details.server_message;
    protocol::throw_error(errc::connection_lost, text, std::move(details));
  }
  detail::throw_if_broken(*end_, read_operation, *sandbox_);
}

void pty_state::throw_if_lost(std::string_view operation) const {
  const auto end = socket_->end();
  {
    const std::lock_guard lock{mutex_};
    if (disconnected_ || conversation_.has_ended()) return;
  }
  const bool by_peer = end.how == manner::open || end.how == manner::closed;
  if (!by_peer) detail::throw_if_broken(end, operation, *sandbox_);
}

awaitable<void> pty_state::wait_for_connection(std::shared_ptr<pty_state> self) {
  const auto op = co_await begin_call(self->sandbox_->client, connect_limit, connect_pty_operation);
  op->enter(phase::upgrade);
  for (;;) {
    {
      const std::lock_guard lock{self->mutex_};
      if (self->conversation_.is_connected() || self->conversation_.has_ended() || !self->output_.empty()) co_return;
      if (self->is_over()) {
        self->throw_if_broken();
        co_return;
      }
    }
    co_await advance(self, op);
  }
}

awaitable<std::optional<std::string>> pty_state::next(std::shared_ptr<pty_state> self) {
  const auto op = co_await begin_call(self->sandbox_->client, std::nullopt, read_operation);
  op->enter(phase::body);
  for (;;) {
    {
      const std::lock_guard lock{self->mutex_};
      if (!self->output_.empty()) co_return std::exchange(self->output_, {});
      if (self->is_over()) {
        self->throw_if_broken();
        co_return std::nullopt;
      }
    }
    co_await advance(self, op);
  }
}

awaitable<std::string> pty_state::read(std::shared_ptr<pty_state> self) {
  auto output = co_await next(std::move(self));
  co_return std::move(output).value_or(std::string());
}

awaitable<pty_result> pty_state::wait(std::shared_ptr<pty_state> self) {
  const auto op = co_await begin_call(self->sandbox_->client, std::nullopt, wait_operation);
  op->enter(phase::body);
  for (;;) {
    {
      const std::lock_guard lock{self->mutex_};
      self->output_.clear();
      if (self->is_over()) {
        self->throw_if_broken();
        break;
      }
    }
    co_await advance(self, op);
  }
  co_return self->result();
}

awaitable<void> pty_state::send_input(std::shared_ptr<pty_state> self, std::string data) {
  co_await wait_for_connection(self);
  const auto op = co_await begin_call(self->sandbox_->client, std::nullopt, input_operation);
  op->enter(phase::send);
  for (std::size_t begin = 0; begin < data.size(); begin += largest_input) {
    auto part = data.substr(begin, largest_input);
    net::error_code ec;
    co_await net::web_socket::send(self->socket_, op, opcode::binary, std::move(part), ec);
    if (op->stopped() != net::stop_cause::none) throw_stopped_in(*self->sandbox_, *op, input_operation);
    if (!ec) continue;
    self->throw_if_lost(input_operation);
    error_details details;
    details.operation = input_operation;
    details.sandbox_id = self->sandbox_->id;
    details.request_sent = begin > 0;
    protocol::throw_error(
        errc::session_ended,
        protocol::message_prefix(input_operation) + "the terminal has ended, or its handle was disconnected",
        std::move(details));
  }
}

awaitable<void> pty_state::disconnect(std::shared_ptr<pty_state> self) {
  {
    const std::lock_guard lock{self->mutex_};
    self->disconnected_ = true;
  }
  const auto op = co_await begin_call(self->sandbox_->client, disconnect_limit, disconnect_operation);
  co_await net::web_socket::close(self->socket_, op, protocol::web_socket::close_code::normal);
  if (op->stopped() == net::stop_cause::caller) throw_stopped_in(*self->sandbox_, *op, disconnect_operation);
}

pty_result pty_state::result() const {
  const std::lock_guard lock{mutex_};
  pty_result result;
  result.exit_code = conversation_.exit_code();
  result.error = conversation_.error();
  return result;
}

bool pty_state::is_connected() const {
  const std::lock_guard lock{mutex_};
  return conversation_.is_connected() && !conversation_.has_ended() && socket_->is_open();
}

}  // namespace daytona::inline v0::detail
