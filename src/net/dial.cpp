#include "net/dial.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "protocol/url.hpp"

namespace daytona::net {

namespace {

using endpoint = asio::ip::tcp::endpoint;
using socket_endpoint = stream_socket::endpoint_type;

/// Asio's own sockets are inherited by the programs that the process starts, which would hold a connection open.
void open_for_us_alone(stream_socket& socket, const socket_endpoint& where) {
  error_code ec;
  socket.open(where.protocol(), ec);  // if it fails, async_connect tries again and tells
  if (!ec) ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

/// The one attempt there is if a name has one address, as most have.
class single_attempt final : private cancellable {
 public:
  explicit single_attempt(operation& op) : socket_(op.executor()) {}

  awaitable<void> connect(operation& op, endpoint where, error_code& ec) {
    const operation::waiting waiting{op, *this, ec};
    if (ec) co_return;
    const socket_endpoint generic{where};
    open_for_us_alone(socket_, generic);
    co_await socket_.async_connect(generic, asio::redirect_error(asio::use_awaitable, ec));
  }

  stream_socket take() { return std::move(socket_); }

 private:
  void cancel() noexcept override {
    error_code ignored;
    socket_.cancel(ignored);
  }

  stream_socket socket_;
};

/// Attempts under way at the same time. Their handlers keep it alive until the last is told of its end; all on one executor.
class race final : public timer_entry, public std::enable_shared_from_this<race> {
 public:
  explicit race(operation& op) : executor_(op.executor()), timers_(op.clock()) {}
  ~race() override { timers_.remove(*this); }
  race(const race&) = delete;
  race& operator=(const race&) = delete;

  void start(const endpoint& where) {
    const auto number = attempts_.size();
    auto& made = *attempts_.emplace_back(std::make_unique<attempt>(where, executor_));
    const socket_endpoint generic{where};
    open_for_us_alone(made.socket, generic);
    made.socket.async_connect(generic,
                              [self = shared_from_this(), number](error_code ec) { self->on_end(number, ec); });
    ++running_;
  }

  /// Until an attempt has ended since the last call, or `when` has come, if it is given.
  awaitable<void> wait(operation& op, std::optional<steady_time> when, error_code& ec) {
    ec.clear();
    if (!has_news_) {
      bell_.emplace(executor_);
      if (when) timers_.set(*this, *when, executor_);
      co_await bell_->wait(op, ec);
      timers_.remove(*this);
    }
    has_news_ = false;
  }

  std::optional<stream_socket> winner() {
    if (!winner_) return std::nullopt;
    return std::move(attempts_[*winner_]->socket);
  }
  bool all_ended() const noexcept { return running_ == 0; }
  bool latest_ended() const noexcept { return attempts_.empty() || attempts_.back()->ended; }
  error_code last_failure() const noexcept { return last_failure_; }
  std::string told() const {
    std::string all;
    for (const auto& one : attempts_) {
      const auto place = protocol::host_and_port(one->where.address().to_string(), one->where.port());
      all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", place, one->ended ? one->failure.message() : "no answer");
    }
    return all;
  }

  void abandon() noexcept {
    timers_.remove(*this);
    bell_.reset();
    error_code ignored;
    for (const auto& one : attempts_) one->socket.close(ignored);
  }

 private:
  struct attempt {
    attempt(const endpoint& target, const asio::any_io_executor& executor) : where(target), socket(executor) {}
    endpoint where;
    stream_socket socket;
    error_code failure;
    bool ended = false;
  };

  void on_end(std::size_t number, error_code ec) {
    auto& one = *attempts_[number];
    one.ended = true;
    one.failure = ec;
    --running_;
    if (ec)
      last_failure_ = ec;
    else if (!winner_)
      winner_ = number;
    ring();
  }

  void ring() noexcept {
    has_news_ = true;
    if (bell_) bell_->notify();
  }

  void on_time() noexcept override {
    asio::post(executor_, [self = weak_from_this()] {
      if (const auto lives = self.lock()) lives->ring();
    });
  }

  asio::any_io_executor executor_;
  timers& timers_;
  std::vector<std::unique_ptr<attempt>> attempts_;
  std::size_t running_ = 0;
  std::optional<std::size_t> winner_;
  error_code last_failure_;
  std::optional<wake_up> bell_;
  bool has_news_ = false;
};

/// Ends what is still under way, however the coroutine is left.
struct end_of_race {
  explicit end_of_race(race& all) : attempts(all) {}
  ~end_of_race() { attempts.abandon(); }
  end_of_race(const end_of_race&) = delete;
  end_of_race& operator=(const end_of_race&) = delete;
  race& attempts;
};

awaitable<std::optional<stream_socket>> dial_one(operation& op, endpoint where, error_code& ec) {
  single_attempt attempt{op};
  co_await attempt.connect(op, where, ec);
  if (ec) co_return std::nullopt;
  co_return attempt.take();
}

awaitable<std::optional<stream_socket>> dial_all(operation& op, std::vector<asio::ip::address> order,
                                                 std::uint16_t port, std::chrono::milliseconds delay,
                                                 dial_failure& failure) {
  const auto attempts = std::make_shared<race>(op);
  const end_of_race guard{*attempts};
  std::size_t next = 0;
  steady_time next_start{};
  for (;;) {
    const auto now = op.clock().now();
    const bool is_due = next < order.size() && (attempts->latest_ended() || now >= next_start);
    if (is_due) {
      attempts->start({order[next++], port});
      next_start = now + delay;
    }
    const auto until = next < order.size() ? std::optional(next_start) : std::nullopt;
    co_await attempts->wait(op, until, failure.cause);
    if (failure.cause) break;
    auto connected = attempts->winner();
    if (connected) co_return connected;
    if (next == order.size() && attempts->all_ended()) {
      failure.cause = attempts->last_failure();
      break;
    }
  }
  failure.what = attempts->told();
  co_return std::nullopt;
}

}  // namespace

awaitable<std::optional<stream_socket>> dial(operation& op, std::vector<asio::ip::address> addresses,
                                             std::uint16_t port, std::chrono::milliseconds delay,
                                             dial_failure& failure) {
  if (addresses.size() == 1) {
    const endpoint only{addresses.front(), port};
    co_return co_await dial_one(op, only, failure.cause);
  }
  auto order = interleaved(addresses);
  co_return co_await dial_all(op, std::move(order), port, delay, failure);
}

std::vector<asio::ip::address> interleaved(const std::vector<asio::ip::address>& addresses) {
  std::vector<asio::ip::address> first, second, turns;
  for (const auto& address : addresses)
    (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
  turns.reserve(addresses.size());
  for (std::size_t n = 0; n < std::max(first.size(), second.size()); ++n) {
    if (n < first.size()) turns.push_back(first[n]);
    if (n < second.size()) turns.push_back(second[n]);
  }
  return turns;
}

}  // namespace daytona::net
