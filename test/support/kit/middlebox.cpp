#include "kit/middlebox.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "net/operation.hpp"

namespace daytona::test {

using asio::ip::tcp;
using net::error_code;

namespace {

/// The bytes as the flow leaves them; `passed` counts what came before. True if the connection is to be cut behind them.
bool disturb(const flow& how, std::size_t passed, std::string& bytes) {
  const auto end = passed + bytes.size();
  const bool cut = how.cut_at && *how.cut_at >= passed && *how.cut_at <= end;
  const bool twice = how.duplicate_at && *how.duplicate_at >= passed && *how.duplicate_at < end;
  if (twice) bytes.insert(*how.duplicate_at - passed, 1, bytes[*how.duplicate_at - passed]);
  if (cut) bytes.resize(*how.cut_at - passed);
  return cut;
}

}  // namespace

class middlebox::state {
 public:
  state(asio::io_context& io, std::uint16_t server_port)
      : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        clock(net::timers_of(io.get_executor())),
        server_(asio::ip::address_v4::loopback(), server_port) {}

  static asio::awaitable<void> accept(std::shared_ptr<state> self) {
    for (;;) {
      error_code ec;
      auto socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return;
      ++self->connections;
      auto both = std::make_shared<sides>(std::move(socket), self->acceptor.get_executor(), self->clock.now());
      self->links_.push_back(both);
      co_await both->server.async_connect(self->server_, asio::redirect_error(asio::use_awaitable, ec));
      if (ec) both->end(true);
      both->client.set_option(tcp::no_delay(true), ec);
      both->server.set_option(tcp::no_delay(true), ec);
      asio::co_spawn(self->acceptor.get_executor(), pass(self, both, true), asio::detached);
      asio::co_spawn(self->acceptor.get_executor(), pass(self, both, false), asio::detached);
    }
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& link : links_) link->end(false);
    for (const auto& pause : pauses_)
      if (const auto op = pause.lock()) op->stop(net::stop_cause::closed);
  }

  void forget() {
    for (const auto& link : links_) link->is_forgotten = true;
  }
  std::size_t forgotten() const {
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [](const auto& link) { return link->is_forgotten; }));
  }

  tcp::acceptor acceptor;
  net::timers& clock;
  std::optional<std::chrono::nanoseconds> longest_silence;
  flow up, down;
  std::size_t connections = 0, up_bytes = 0, down_bytes = 0;

 private:
  struct sides {
    sides(tcp::socket from, const asio::any_io_executor& executor, net::steady_time now)
        : client(std::move(from)), server(executor), last_byte(now) {}
    void end(bool by_reset) {
      error_code ignored;
      for (auto* side : {&client, &server}) {
        if (by_reset) side->set_option(asio::socket_base::linger(true, 0), ignored);
        side->close(ignored);
      }
    }
    tcp::socket client, server;
    net::steady_time last_byte;
    bool is_forgotten = false;
  };

  /// Whether what has come over `link` now goes nowhere.
  bool is_forgotten(sides& link) const {
    const auto silence = clock.now() - link.last_byte;
    link.is_forgotten = link.is_forgotten || (longest_silence && silence >= *longest_silence);
    link.last_byte = clock.now();
    return link.is_forgotten;
  }

  static asio::awaitable<void> pass(std::shared_ptr<state> self, std::shared_ptr<sides> link, bool upwards) {
    auto& from = upwards ? link->client : link->server;
    auto& to = upwards ? link->server : link->client;
    const flow how = upwards ? self->up : self->down;
    std::size_t& count = upwards ? self->up_bytes : self->down_bytes;
    std::array<char, 4096> space;
    std::size_t passed = 0;
    error_code ec;
    while (!ec) {
      const auto room = asio::buffer(space.data(), how.piece == 0 ? space.size() : std::min(how.piece, space.size()));
      const auto size = co_await from.async_read_some(room, asio::redirect_error(asio::use_awaitable, ec));
      if (self->is_forgotten(*link)) continue;
      std::string bytes(space.data(), ec ? 0 : size);
      const bool cut = disturb(how, passed, bytes);
      passed += size;
      if (how.delay.count() > 0 && !ec) co_await self->pause(how.delay);
      const auto out = asio::buffer(bytes);
      if (!bytes.empty()) count += co_await asio::async_write(to, out, asio::redirect_error(asio::use_awaitable, ec));
      if (cut && how.by == flow::end::stall) co_return;
      if (cut || ec) link->end(cut ? how.by == flow::end::reset : ec != asio::error::eof);
    }
  }

  asio::awaitable<void> pause(std::chrono::nanoseconds time) {
    const auto op = co_await net::begin_operation(std::nullopt);
    pauses_.push_back(op);
    error_code ec;
    co_await net::sleep_until(*op, op->clock().now() + time, ec);
  }

  tcp::endpoint server_;
  std::vector<std::shared_ptr<sides>> links_;
  std::vector<std::weak_ptr<net::operation>> pauses_;
};

middlebox::middlebox(asio::io_context& io, std::uint16_t server_port)
    : state_(std::make_shared<state>(io, server_port)) {
  asio::co_spawn(io, state::accept(state_), asio::detached);
}

middlebox::~middlebox() { stop(); }

std::uint16_t middlebox::port() const { return state_->acceptor.local_endpoint().port(); }

void middlebox::treat(flow to_server, flow to_client) {
  state_->up = to_server;
  state_->down = to_client;
}

void middlebox::forget_after(std::chrono::nanoseconds silence) { state_->longest_silence = silence; }
void middlebox::forget() { state_->forget(); }
void middlebox::stop() { state_->stop(); }

std::size_t middlebox::connections() const { return state_->connections; }
std::size_t middlebox::forgotten() const { return state_->forgotten(); }
std::size_t middlebox::bytes_to_server() const { return state_->up_bytes; }
std::size_t middlebox::bytes_to_client() const { return state_->down_bytes; }

}  // namespace daytona::test
