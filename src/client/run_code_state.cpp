#include "client/run_code_state.hpp"

#include <fmt/format.h>

#include <utility>

#include "model/interpreter.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::inline v0::detail {

namespace {

using manner = net::web_socket_end::manner;
namespace close_code = protocol::web_socket::close_code;

execution_event event_of(execution_event::type kind, model::interpreter_message message) {
  execution_event event;
  event.kind = kind;
  event.text = std::move(message.text);
  event.error.name = std::move(message.name);
  event.error.value = std::move(message.value);
  event.error.traceback = std::move(message.traceback);
  return event;
}

}  // namespace

run_code_state::run_code_state(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::web_socket> socket)
    : sandbox_(std::move(sandbox)), socket_(std::move(socket)) {}

run_code_state::~run_code_state() { socket_->abandon(); }

void run_code_state::begin(net::steady_time now, std::chrono::seconds limit) {
  begun_ = now;
  limit_ = limit;
}

execution_stream run_code_state::make(std::shared_ptr<run_code_state> state) {
  return execution_stream(std::move(state));
}

awaitable<std::optional<execution_event>> run_code_state::next(std::shared_ptr<run_code_state> self) {
  const auto op = co_await begin_call(self->sandbox_->client, std::nullopt, run_operation);
  op->enter(phase::body);
  for (;;) {
    if (!self->events_.empty()) {
      auto event = std::move(self->events_.front());
      self->events_.pop_front();
      co_return event;
    }
    if (self->over_) co_return std::nullopt;
    net::web_socket_inbox inbox;
    net::error_code ec;
    const bool came = co_await net::web_socket::receive(self->socket_, op, inbox, ec);
    if (ec) throw_stopped_in(*self->sandbox_, *op, run_operation);
    if (came) {
      self->take_in(inbox);
    } else {
      self->check_end(self->socket_->end(), op->clock().now());
      self->over_ = true;
    }
  }
}

void run_code_state::take_in(const net::web_socket_inbox& inbox) {
  std::string_view rest{inbox.bytes};
  for (const auto& segment : inbox.segments) {
    text_.append(rest.substr(0, segment.size));
    rest.remove_prefix(segment.size);
    if (!segment.ends_message) continue;
    take_message(text_);
    text_.clear();
  }
}

// What can't be read and what is not known are passed over: the end is told by the close frame alone.
void run_code_state::take_message(std::string_view json) {
  model::interpreter_message message;
  if (model::read_json(json, message)) return;
  if (message.type == "stdout")
    events_.push_back(event_of(execution_event::type::stdout_, std::move(message)));
  else if (message.type == "stderr")
    events_.push_back(event_of(execution_event::type::stderr_, std::move(message)));
  else if (message.type == "error") {
    failed_ = true;
    events_.push_back(event_of(execution_event::type::error, std::move(message)));
  } else if (message.type == "control") {
    completed_ = completed_ || message.text == "completed";
    interrupted_ = interrupted_ || message.text == "interrupted";
  }
}

// A server tells both alike, but whoever outlived a timeout has had it.
std::string run_code_state::why_interrupted(net::steady_time now) const {
  const std::string interrupted = "the program was interrupted";
  constexpr auto others = "it raised KeyboardInterrupt, or something else than its timeout interrupted it";
  if (limit_.count() == 0) return fmt::format("{}, though it has no timeout: {}", interrupted, others);
  if (now - begun_ < limit_)
    return fmt::format("{} before its timeout of {} s had passed here: {}", interrupted, limit_.count(), others);
  return interrupted + ": it outlived its timeout; raise run_code_options::timeout";
}

void run_code_state::check_end(const net::web_socket_end& end, net::steady_time now) const {
  const bool is_closed = end.how == manner::closed;
  const auto code = is_closed ? end.code : std::nullopt;
  error_details details;
  details.operation = run_operation;
  details.sandbox_id = sandbox_->id;
  details.request_sent = true;
  details.close_code = code;
  const auto prefix = protocol::message_prefix(run_operation);
  // A program is interrupted too when its context is deleted or its sandbox stopped: the close frame tells which it was.
  if (code == close_code::interrupted || (interrupted_ && code == close_code::normal)) {
    details.answered = true;
    protocol::throw_error(errc::process_execution_timeout, prefix + why_interrupted(now), std::move(details));
  }
  // An error's `completed` may be overtaken by the close frame.
  if (completed_ || (failed_ && code == close_code::normal)) return;
  if (code == close_code::policy_violation && end.what != "slow consumer") {
    details.answered = true;
    details.server_message = protocol::presentable(end.what);
    const auto text = prefix + details.server_message;
    protocol::throw_error(errc::bad_request, text, std::move(details));
  }
  if (code == close_code::too_big) {
    details.answered = true;
    const auto text = prefix + "the program is larger than the server takes; upload it as a file, and import that";
    protocol::throw_error(errc::bad_request, text, std::move(details));
  }
  throw_if_broken(end, run_operation, *sandbox_);
  protocol::throw_error(
      errc::connection_lost,
      prefix + "the server closed the stream without saying that the program has ended: it may not have run",
      std::move(details));
}

}  // namespace daytona::inline v0::detail

namespace daytona::inline v0 {

execution_stream::execution_stream() noexcept = default;
execution_stream::execution_stream(std::shared_ptr<detail::run_code_state> state) : state_(std::move(state)) {}

const std::shared_ptr<detail::run_code_state>& execution_stream::state() const {
  return detail::state_of(state_, "this execution stream");
}

boost::asio::awaitable<std::optional<execution_event>> execution_stream::next() {
  return detail::as_call(detail::run_code_state::next(state()), detail::run_operation);
}

}  // namespace daytona::inline v0
