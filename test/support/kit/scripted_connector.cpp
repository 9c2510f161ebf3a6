#include "kit/scripted_connector.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "kit/web_socket_peer.hpp"

namespace daytona::test {

namespace {

using net::awaitable;
using net::error_code;

/// Suspends once, so that every step can be interrupted, and does what the test wants at it.
awaitable<void> take_step(script& plot, net::operation& op, error_code& ec) {
  ec.clear();
  const auto action = plot.begin_step();
  if (action == step_action::hang) {
    net::wake_up never{op.executor()};
    if (plot.on_hang) plot.on_hang();
    co_await never.wait(op, ec);
    co_return;
  }
  if (op.stopped() != net::stop_cause::none) {
    ec = asio::error::operation_aborted;
    co_return;
  }
  co_await asio::post(op.executor(), asio::use_awaitable);
  if (action == step_action::overtake && plot.on_hang) plot.on_hang();
  if (action == step_action::fail) ec = asio::error::connection_reset;
}

bool begins_as(std::string_view request, std::string_view expected) {
  const auto star = expected.find('*');
  if (star == std::string_view::npos) return request.starts_with(expected);
  const auto line = request.substr(0, request.find('\r'));
  return line.starts_with(expected.substr(0, star)) && line.ends_with(expected.substr(star + 1));
}

}  // namespace

std::size_t request_size(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  constexpr std::string_view field = "\r\nContent-Length: ";
  const auto at = bytes.substr(0, end).find(field);
  std::size_t body = 0;
  if (at != std::string_view::npos) std::from_chars(bytes.data() + at + field.size(), bytes.data() + end, body);
  return bytes.size() >= end + 4 + body ? end + 4 + body : 0;
}

class scripted_stream final : public net::stream {
 public:
  explicit scripted_stream(std::shared_ptr<script> plot) : plot_(std::move(plot)) {
    ++plot_->connections;
    ++plot_->open;
  }
  ~scripted_stream() override { --plot_->open; }

  awaitable<std::size_t> write(net::operation& op, asio::const_buffer bytes, error_code& ec) override {
    co_await take_step(*plot_, op, ec);
    if (ec) co_return 0;
    received_.append(static_cast<const char*>(bytes.data()), bytes.size());
    if (web_socket_) {
      to_send_ += web_socket_->take(std::exchange(received_, {}), *plot_);
      closed_ = closed_ || web_socket_->is_over();
      if (reader_ != nullptr) reader_->notify();
      co_return bytes.size();
    }
    while (const auto size = request_size(received_)) {
      answer(received_.substr(0, size));
      received_.erase(0, size);
    }
    co_return bytes.size();
  }

  awaitable<std::size_t> read_some(net::operation& op, asio::mutable_buffer buffer, error_code& ec) override {
    co_await take_step(*plot_, op, ec);
    if (ec) co_return 0;
    while (to_send_.empty() && !closed_) {
      net::wake_up more{op.executor()};
      const bool is_idle = web_socket_.has_value();
      if (is_idle) reader_ = &more;
      if (!is_idle && plot_->on_hang) plot_->on_hang();
      co_await more.wait(op, ec);
      reader_ = nullptr;
      if (ec) co_return 0;
    }
    if (to_send_.empty()) {
      ec = asio::error::eof;
      co_return 0;
    }
    auto size = std::min(to_send_.size(), buffer.size());
    if (plot_->piece != 0) size = std::min(size, plot_->piece);
    std::memcpy(buffer.data(), to_send_.data(), size);
    to_send_.erase(0, size);
    co_return size;
  }

  bool is_quiet() noexcept override { return to_send_.empty() && !closed_; }
  void close() noexcept override {
    closed_ = true;
    if (reader_ != nullptr) reader_->notify();
  }

 private:
  void answer(const std::string& request) {
    const auto reply = plot_->answer(request);
    if (reply.silent) return;
    to_send_ += reply.bytes;
    if (reply.upgrades) web_socket_.emplace();
    closed_ = closed_ || reply.close_after;
  }

  std::shared_ptr<script> plot_;
  std::string received_;
  std::string to_send_;
  std::optional<web_socket_peer> web_socket_;  // once the connection is one
  net::wake_up* reader_ = nullptr;             // waits for the peer of a WebSocket
  bool closed_ = false;
};

scripted_reply script::answer(const std::string& request) {
  auto reply = next(request);
  if (reply.upgrades) reply.bytes = web_socket_answer(request, reply.bytes);
  requests.push_back(request);
  return reply;
}

step_action script::begin_step() {
  const auto step = steps++;
  return on_step ? on_step(step) : step_action::proceed;
}

scripted_reply script::next(const std::string& request) {
  const auto fits = [&](const scripted_reply& reply) { return begins_as(request, reply.expected); };
  const bool expected = !replies_.empty() && fits(replies_.front());
  if (!expected && forgiving) {
    const auto before = std::find_if(played_.rbegin(), played_.rend(), fits);
    if (before != played_.rend()) return *before;
    return {{}, otherwise ? otherwise(request) : http_answer(404, R"({"message":"not scripted"})"), false, false};
  }
  if (!expected)
    problems.push_back(fmt::format("expected '{}', got '{}'", replies_.empty() ? "nothing" : replies_.front().expected,
                                   request.substr(0, request.find('\r'))));
  if (replies_.empty()) return {{}, {}, true, false};
  auto reply = std::move(replies_.front());
  replies_.pop_front();
  played_.push_back(reply);
  return reply;
}

script& script::reply(std::string expected, unsigned status, std::string_view body, std::string_view extra_fields) {
  return reply_bytes(std::move(expected), http_answer(status, body, extra_fields));
}

script& script::reply_bytes(std::string expected, std::string bytes, bool close_after) {
  replies_.push_back({std::move(expected), std::move(bytes), close_after, false});
  return *this;
}

script& script::cut(std::string expected) {
  replies_.push_back({std::move(expected), {}, true, false});
  return *this;
}

script& script::upgrade(std::string expected, std::string frames, bool close_after) {
  scripted_reply reply{std::move(expected), std::move(frames), close_after, false};
  reply.upgrades = true;
  replies_.push_back(std::move(reply));
  return *this;
}

script& script::hang(std::string expected) {
  replies_.push_back({std::move(expected), {}, false, true});
  return *this;
}

awaitable<std::unique_ptr<net::stream>> scripted_connector::connect(net::operation& op, net::origin,
                                                                    net::connect_failure& failure) {
  op.enter(phase::connect);
  co_await take_step(*plot_, op, failure.cause);
  if (failure.cause) {
    failure.what = "the script refused the connection";
    co_return nullptr;
  }
  co_return std::make_unique<scripted_stream>(plot_);
}

std::string http_answer(unsigned status, std::string_view body, std::string_view extra_fields) {
  return fmt::format("HTTP/1.1 {} Scripted\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", status,
                     body.size(), extra_fields, body);
}

}  // namespace daytona::test
