#include <daytona/log_stream.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/log_stream_state.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::chrono::seconds close_limit{5};
constexpr std::chrono::milliseconds first_resume_pause{100}, longest_resume_pause{5'000};

using manner = net::web_socket_end::manner;
namespace close_code = protocol::web_socket::close_code;

/// The wait before an attempt to go on that follows `failures` in a row.
std::chrono::milliseconds pause_after(unsigned failures) {
  constexpr unsigned most_doublings = 10;
  if (failures == 0) return std::chrono::milliseconds(0);
  return std::min(longest_resume_pause, first_resume_pause * (1U << std::min(failures - 1, most_doublings)));
}

}  // namespace

log_stream_state::log_stream_state(std::shared_ptr<sandbox_core> sandbox, std::string path, std::string_view operation,
                                   follow_options options)
    : sandbox_(std::move(sandbox)), path_(std::move(path)), operation_(operation), options_(options) {}

log_stream_state::~log_stream_state() {
  if (socket_) socket_->abandon();
}

log_stream log_stream_state::make(std::shared_ptr<log_stream_state> state) { return log_stream(std::move(state)); }

awaitable<void> log_stream_state::open(std::shared_ptr<log_stream_state> self) {
  api_request request{"GET", self->path_, self->operation_};
  request.idempotent = true;
  auto settings = web_socket_settings(self->sandbox_->client->settings);
  settings.fails_when_full = self->options_.overflow == stream_overflow::fail;
  std::vector<std::string> no_subprotocols;
  auto opened = co_await open_web_socket(self->sandbox_, std::move(request), std::move(no_subprotocols), settings,
                                         self->deadline_);
  const std::lock_guard lock{self->mutex_};
  if (self->socket_) self->socket_->abandon();
  self->socket_ = std::move(opened);
  if (self->closed_) self->socket_->abandon();
}

awaitable<std::optional<log_chunk>> log_stream_state::next(std::shared_ptr<log_stream_state> self) {
  std::shared_ptr<net::operation> op;
  for (;;) {
    auto chunk = self->take_chunk();
    if (chunk || self->over_) co_return chunk;
    const auto socket = self->socket();
    if (!socket->take(self->inbox_)) {
      if (!op) op = co_await begin_call(self->sandbox_->client, std::nullopt, self->operation_);
      op->set_deadline(self->deadline_);
      op->enter(phase::body);
      net::error_code ec;
      const bool came = co_await net::web_socket::receive(socket, op, self->inbox_, ec);
      if (ec) throw_stopped_in(*self->sandbox_, *op, self->operation_);
      if (!came) {
        const auto end = socket->end();
        if (self->may_resume(end)) {
          co_await resume(self, op);
          continue;
        }
        if (!self->closed_) throw_if_broken(end, self->operation_, *self->sandbox_);
        co_return self->take_last();
      }
    }
    self->count_what_came();
  }
}

void log_stream_state::count_what_came() {
  unread_ = inbox_.bytes;
  const auto again = static_cast<std::size_t>(std::min<std::uint64_t>(pass_over_, unread_.size()));
  pass_over_ -= again;
  unread_.remove_prefix(again);
  received_ += unread_.size();
  if (!unread_.empty()) failures_ = 0;
}

std::optional<log_chunk> log_stream_state::take_chunk() {
  if (unread_.empty()) return std::nullopt;
  log_chunk chunk;
  chunk.bytes.reserve(std::min(unread_.size(), usual_size_));
  const auto source = demux_.next(unread_, chunk.bytes);
  unlabelled_ = demux_.unlabelled();
  if (!source) return std::nullopt;
  chunk.source = *source;
  usual_size_ = chunk.bytes.size();
  return chunk;
}

std::optional<log_chunk> log_stream_state::take_last() {
  over_ = true;
  if (pass_over_ > 0 && !closed_) throw_shorter();
  log_chunk chunk;
  const auto source = demux_.finish(chunk.bytes);
  unlabelled_ = demux_.unlabelled();
  if (!source) return std::nullopt;
  chunk.source = *source;
  return chunk;
}

void log_stream_state::throw_shorter() const {
  error_details details;
  details.operation = operation_;
  details.sandbox_id = sandbox_->id;
  const auto what = fmt::format(
      "the log that was opened anew has {} bytes fewer than came before; read it from its beginning", pass_over_);
  protocol::throw_error(errc::invalid_response, protocol::message_prefix(operation_) + what, std::move(details));
}

bool log_stream_state::may_resume(const net::web_socket_end& end) const {
  if (!options_.resume || closed_ || failures_ >= options_.max_resumes) return false;
  if (end.how == manner::lost) return true;
  return end.how == manner::closed && end.code != close_code::normal;
}

awaitable<void> log_stream_state::resume(std::shared_ptr<log_stream_state> self, std::shared_ptr<net::operation> op) {
  for (;;) {
    const auto pause = pause_after(self->failures_++);
    op->enter(phase::retry);
    net::error_code ec;
    if (pause.count() > 0) co_await net::sleep_until(*op, op->clock().now() + pause, ec);
    if (ec) throw_stopped_in(*self->sandbox_, *op, self->operation_);
    self->pass_over_ = self->received_;
    try {
      co_await open(self);
      co_return;
    } catch (const error& e) {
      if (!is_transient(e) || self->failures_ >= self->options_.max_resumes) throw;
    }
  }
}

std::shared_ptr<net::web_socket> log_stream_state::socket() const {
  const std::lock_guard lock{mutex_};
  return socket_;
}

awaitable<void> log_stream_state::close(std::shared_ptr<log_stream_state> self) {
  std::shared_ptr<net::web_socket> socket;
  {
    const std::lock_guard lock{self->mutex_};
    self->closed_ = true;
    socket = self->socket_;
  }
  const auto op = co_await begin_call(self->sandbox_->client, close_limit, self->operation_);
  co_await net::web_socket::close(socket, op, close_code::normal);
  if (op->stopped() == net::stop_cause::caller) throw_stopped_in(*self->sandbox_, *op, self->operation_);
}

}  // namespace daytona::inline v0::detail

namespace daytona::inline v0 {

log_stream::log_stream() noexcept = default;
log_stream::log_stream(std::shared_ptr<detail::log_stream_state> state) : state_(std::move(state)) {}

const std::shared_ptr<detail::log_stream_state>& log_stream::state() const {
  return detail::state_of(state_, "this log stream");
}

boost::asio::awaitable<std::optional<log_chunk>> log_stream::next() {
  return detail::as_call(detail::log_stream_state::next(state()), state()->operation());
}

boost::asio::awaitable<void> log_stream::close() {
  return detail::as_call(detail::log_stream_state::close(state()), state()->operation());
}

std::uint64_t log_stream::unlabelled() const { return state()->unlabelled(); }

}  // namespace daytona::inline v0
