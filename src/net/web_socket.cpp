#include "net/web_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "net/web_socket_registry.hpp"

namespace daytona::net {

namespace ws = protocol::web_socket;
using manner = web_socket_end::manner;

namespace {

constexpr std::size_t message_read_size = 64 * 1024;
constexpr int most_reads_a_turn = 4;
constexpr std::size_t segment_weight = 32;             // what a message takes beside its bytes
constexpr std::size_t most_pongs_waiting = 64 * 1024;  // bytes; a peer that takes nothing gets no more of them
constexpr std::chrono::milliseconds linger_pause{200}, longest_linger{2'000};

/// Where bytes lie between a read and the inbox. One a thread: nothing suspends meanwhile.
std::span<char> read_buffer() {
  thread_local const auto memory = std::make_unique<char[]>(message_read_size);
  return {memory.get(), message_read_size};
}

web_socket_end ending(manner how, error_code cause = {}) {
  web_socket_end end;
  end.how = how;
  end.cause = cause;
  return end;
}

}  // namespace

web_socket::web_socket(const asio::any_io_executor& executor, std::unique_ptr<stream> io, web_socket_settings settings,
                       std::shared_ptr<void> owner)
    : settings_(settings),
      owner_(std::move(owner)),
      timers_(timers_of(executor)),
      reading_(std::make_shared<operation>(executor, asio::cancellation_state(), std::nullopt, false)),
      writing_(std::make_shared<operation>(executor, asio::cancellation_state(), std::nullopt, false)),
      io_(std::move(io)),
      frames_(settings.own, settings.max_message),
      executor_(executor),
      heard_(timers_.now()) {}

web_socket::~web_socket() {
  if (sockets_) sockets_->remove(*this);
}

std::shared_ptr<web_socket> web_socket::start(const asio::any_io_executor& executor, std::unique_ptr<stream> io,
                                              std::string_view excess, web_socket_settings settings,
                                              operation_registry& registry, std::shared_ptr<void> owner) {
  const std::shared_ptr<web_socket> made{new web_socket(executor, std::move(io), settings, std::move(owner))};
  made->sockets_ = web_socket_registry::of(executor);
  made->sockets_->add(made);
  if (!registry.add(*made->reading_)) made->reading_->stop(stop_cause::closed);
  if (settings.ping_interval.count() > 0) made->timers_.set(*made, made->heard_ + settings.ping_interval, executor);
  asio::co_spawn(executor, read(made, made->reading_, std::string(excess)),
                 [made](const std::exception_ptr& failure) { made->fail_if(failure); });
  return made;
}

awaitable<void> web_socket::read(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op, std::string excess) {
  error_code ec;
  self->take_in(excess);
  excess = {};
  while (self->is_open()) {
    co_await self->wait_for_room(*op);
    const asio::mutable_buffer space{self->small_.data(), self->small_.size()};
    const std::size_t size = co_await self->io_->read_some(*op, space, ec);
    if (ec) {
      const std::lock_guard lock{self->mutex_};
      const bool was_stopped = op->stopped() != stop_cause::none;
      self->finish(ending(was_stopped ? manner::stopped : manner::lost, ec));
      co_return;
    }
    self->take_in({self->small_.data(), size});
    bool is_full = size == self->small_.size();
    for (int reads = 0; is_full && reads < most_reads_a_turn; ++reads) is_full = self->read_more(*op);
  }
  co_await self->linger(*op);
}

// A peer that is still sending when its connection is closed finds it reset, and may then not find what it was told.
awaitable<void> web_socket::linger(operation& op) {
  error_code ec;
  if (!is_lingering_) co_return;
  for (const auto end = timers_.now() + longest_linger; !ec;) {
    op.set_deadline(std::min(end, timers_.now() + linger_pause));
    const asio::mutable_buffer space{small_.data(), small_.size()};
    co_await io_->read_some(op, space, ec);
    read_more(op);
  }
  const std::lock_guard lock{mutex_};
  io_->close();
}

awaitable<void> web_socket::wait_for_room(operation& op) {
  for (;;) {
    wake_up room{op.executor()};
    {
      const std::lock_guard lock{mutex_};
      if (is_over() || inbox_weight() < settings_.max_inbox) co_return;
      if (settings_.fails_when_full) {
        finish(ending(manner::overrun));
        co_return;
      }
      paused_ = true;
      room_ = &room;
    }
    error_code ec;
    co_await room.wait(op, ec);
    room_ = nullptr;
    const std::lock_guard lock{mutex_};
    paused_ = false;
    heard_ = timers_.now();
    if (ec) finish(ending(manner::stopped, ec));
  }
}

// What did not fit the small buffer: a stream of small messages needs no other, and one of large ones few system calls.
bool web_socket::read_more(operation& op) {
  error_code ec;
  const auto buffer = read_buffer();
  const asio::mutable_buffer space{buffer.data(), buffer.size()};
  const std::size_t size = io_->read_now(op, space, ec);
  if (size > 0) take_in(buffer.first(size));  // a failure comes again with the next read
  return size == buffer.size();
}

void web_socket::take_in(std::span<char> bytes) {
  const std::lock_guard lock{mutex_};
  heard_ = timers_.now();
  std::optional<ws::violation> failure;
  while (!is_over()) {
    const auto piece = frames_.next(bytes, failure);
    if (!piece) break;
    if (piece->kind >= opcode::close)
      on_control(*piece);
    else if (!dropping_)
      keep(*piece);
  }
  if (failure) {
    put_close(failure->close_code);
    flush_locked();
    auto end = ending(manner::violated);
    end.code = failure->close_code;
    end.what = failure->what;
    is_lingering_ = settings_.own == ws::role::server;
    finish(std::move(end));
  }
  if (!inbox_.segments.empty()) receivers_.wake_all();
}

void web_socket::on_control(const ws::frame_piece& piece) {
  if (piece.kind == opcode::ping && out_.size() < most_pongs_waiting) {
    put_frame(opcode::pong, piece.bytes);
    flush_locked();
  }
  if (piece.kind != opcode::close) return;
  const auto notice = ws::parse_close(piece.bytes);
  put_close(notice ? notice->code.value_or(ws::close_code::normal) : ws::close_code::protocol_error);
  flush_locked();
  auto end = ending(notice ? manner::closed : manner::violated);
  end.code = notice ? notice->code : ws::close_code::protocol_error;
  end.what = notice ? notice->reason : "a malformed close frame";
  finish(std::move(end));
}

void web_socket::keep(const ws::frame_piece& piece) {
  auto& segments = inbox_.segments;
  inbox_.bytes.append(piece.bytes);
  const bool may_join = piece.kind == opcode::binary && settings_.joins_messages;
  const bool joins =
      !segments.empty() && segments.back().kind == piece.kind && (may_join || !segments.back().ends_message);
  if (!joins) segments.push_back({piece.kind, 0, false});
  segments.back().size += piece.bytes.size();
  segments.back().ends_message = piece.ends_message;
}

std::size_t web_socket::inbox_weight() const noexcept {
  return inbox_.bytes.size() + inbox_.segments.size() * segment_weight;
}

bool web_socket::take(web_socket_inbox& into) {
  const std::lock_guard lock{mutex_};
  return take_locked(into);
}

bool web_socket::take_locked(web_socket_inbox& into) {
  into.bytes.clear();
  into.segments.clear();
  if (inbox_.segments.empty()) return false;
  std::swap(into, inbox_);
  if (paused_ && executor_) {
    paused_ = false;
    asio::post(executor_, [self = shared_from_this()] {
      if (self->room_ != nullptr) self->room_->notify();
    });
  }
  return true;
}

awaitable<bool> web_socket::receive(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op,
                                    web_socket_inbox& into, error_code& ec) {
  for (;;) {
    std::optional<wait_list::place> place;
    {
      const std::lock_guard lock{self->mutex_};
      if (self->take_locked(into)) co_return true;
      if (self->is_over()) co_return false;
      place.emplace(self->receivers_, *op);
    }
    co_await place->wait(*op, ec);
    if (ec) co_return false;
  }
}

awaitable<void> web_socket::wait_for_end(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op) {
  error_code ec;
  while (!ec) {
    std::optional<wait_list::place> place;
    {
      const std::lock_guard lock{self->mutex_};
      if (self->is_over()) co_return;
      place.emplace(self->watchers_, *op);
    }
    co_await place->wait(*op, ec);
  }
}

void web_socket::finish(web_socket_end end) noexcept {
  if (is_over()) return;
  end_ = std::move(end);
  timers_.remove(*this);
  writing_->stop(stop_cause::closed);
  if (!is_lingering_) {
    reading_->stop(stop_cause::closed);
    io_->close();
  }
  receivers_.wake_all();
  senders_.wake_all();
  watchers_.wake_all();
}

void web_socket::on_time() noexcept {
  asio::post(executor_, [self = weak_from_this()] {
    if (const auto socket = self.lock()) socket->on_ping_due();
  });
}

void web_socket::on_ping_due() {
  const std::lock_guard lock{mutex_};
  if (is_over()) return;
  const auto now = timers_.now();
  const bool is_silent = settings_.longest_silence.count() > 0 && now - heard_ >= settings_.longest_silence;
  if (is_silent && !paused_) return finish(ending(manner::lost, asio::error::timed_out));
  if (out_.empty()) put_frame(opcode::ping, {});
  flush_locked();
  if (!is_over()) timers_.set(*this, now + settings_.ping_interval, executor_);
}

void web_socket::on_context_gone() noexcept {
  const std::lock_guard lock{mutex_};
  finish(ending(manner::stopped, asio::error::operation_aborted));
  // What touches the context when it dies; the coroutines that use it, if any, die before the context does.
  io_.reset();
  reading_.reset();
  writing_.reset();
  executor_ = {};
}

bool web_socket::is_open() const {
  const std::lock_guard lock{mutex_};
  return !is_over();
}

web_socket_end web_socket::end() const {
  const std::lock_guard lock{mutex_};
  return end_;
}

}  // namespace daytona::net
