// What a WebSocket sends: frames of messages, pings, pongs and goodbyes, one behind the other.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <random>
#include <utility>

#include "net/web_socket.hpp"

namespace daytona::net {

namespace ws = protocol::web_socket;
using manner = web_socket_end::manner;

namespace {

/// A key that the peer's program can't foresee (RFC 6455, section 10.3).
ws::mask_key next_mask() {
  thread_local std::random_device random;
  const auto bits = random();
  ws::mask_key key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<unsigned char>(bits >> 8 * i);
  return key;
}

}  // namespace

awaitable<void> web_socket::send(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op, opcode kind,
                                 std::string payload, error_code& ec) {
  std::uint64_t end_of_mine = 0;
  {
    const std::lock_guard lock{self->mutex_};
    if (self->is_over() || self->close_sent_) {
      ec = asio::error::not_connected;
      co_return;
    }
    self->put_frame(kind, payload);
    payload = {};
    end_of_mine = self->queued_;
    const bool is_here = op->executor() == self->executor_;
    if (is_here)
      self->flush_locked();
    else
      asio::post(self->executor_, [self] { self->flush(); });
  }
  for (;;) {
    std::optional<wait_list::place> place;
    {
      const std::lock_guard lock{self->mutex_};
      if (self->written_ >= end_of_mine) co_return;
      if (self->is_over()) {
        ec = asio::error::not_connected;
        co_return;
      }
      place.emplace(self->senders_, *op);
    }
    co_await place->wait(*op, ec);
    if (ec) co_return;
  }
}

awaitable<void> web_socket::close(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op, std::uint16_t code,
                                  std::string reason) {
  {
    const std::lock_guard lock{self->mutex_};
    if (self->is_over()) co_return;
    self->dropping_ = true;
    self->put_close(code, reason);
    asio::post(self->executor_, [self] { self->flush(); });
  }
  web_socket_inbox dropped;
  error_code ec;
  for (bool more = true; more;) more = co_await receive(self, op, dropped, ec);
  if (!ec) co_return;
  self->abandon();
}

void web_socket::put_frame(opcode kind, std::string_view payload) {
  if (close_sent_) return;
  const auto before = out_.size();
  const bool masks = settings_.own == ws::role::client;
  ws::append_frame(out_, kind, payload, masks ? std::optional(next_mask()) : std::nullopt);
  queued_ += out_.size() - before;
}

void web_socket::put_close(std::uint16_t code, std::string_view reason) {
  put_frame(opcode::close, ws::close_payload(code, reason));
  close_sent_ = true;
}

void web_socket::flush() {
  const std::lock_guard lock{mutex_};
  flush_locked();
}

void web_socket::flush_locked() {
  if (draining_ || out_.empty() || is_over()) return;
  error_code ec;
  const std::size_t size = io_->write_now(*writing_, {out_.data(), out_.size()}, ec);
  out_.erase(0, size);
  written_ += size;
  if (size > 0) senders_.wake_all();
  if (ec) return finish({manner::lost, {}, {}, ec});
  if (out_.empty()) return;
  draining_ = true;
  // Spawned at once, it would run here, with the lock held.
  asio::post(executor_, [self = shared_from_this(), op = writing_] {
    asio::co_spawn(op->executor(), drain(self, op),
                   [self](const std::exception_ptr& failure) { self->fail_if(failure); });
  });
}

awaitable<void> web_socket::drain(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op) {
  std::string bytes;
  for (;;) {
    {
      const std::lock_guard lock{self->mutex_};
      if (self->out_.empty() || self->is_over()) {
        self->draining_ = false;
        co_return;
      }
      bytes = std::exchange(self->out_, {});
    }
    error_code ec;
    const asio::const_buffer all{bytes.data(), bytes.size()};
    const std::size_t size = co_await self->io_->write(*op, all, ec);
    const std::lock_guard lock{self->mutex_};
    self->written_ += size;
    self->senders_.wake_all();
    if (ec) self->finish({manner::lost, {}, {}, ec});
  }
}

// For want of memory: whoever waits is told, instead of waiting for ever.
void web_socket::fail_if(const std::exception_ptr& failure) noexcept {
  if (!failure) return;
  const std::lock_guard lock{mutex_};
  is_lingering_ = false;
  finish({manner::lost, {}, {}, make_error_code(boost::system::errc::not_enough_memory)});
}

void web_socket::abandon() noexcept {
  const std::lock_guard lock{mutex_};
  if (is_over() || !executor_) return;
  dropping_ = true;
  asio::post(executor_, [self = shared_from_this()] {
    const std::lock_guard held{self->mutex_};
    self->put_close(ws::close_code::normal);
    self->flush_locked();
    web_socket_end end;
    end.how = manner::stopped;
    self->finish(std::move(end));
  });
}

}  // namespace daytona::net
