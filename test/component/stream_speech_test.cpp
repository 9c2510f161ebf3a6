// Streams of a server that speaks at times of its own: pings through output and silence, late words, and words that nobody waits for any longer.
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"
#include "kit/client_fixture.hpp"
#include "kit/web_socket_peer.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
using asio::awaitable;

namespace {

const std::string stdout_marker = "\1\1\1";

/// A server with one WebSocket, on which it says what it is told to, when it is told to.
struct spoken_server {
  /// Says `frames`, and a ping behind them.
  void say(const std::string& frames, net::steady_time now) {
    to_send += frames;
    protocol::web_socket::append_frame(to_send, protocol::web_socket::opcode::ping, {}, std::nullopt);
    pings.push_back(now);
    if (reader != nullptr) reader->notify();
  }
  void hear(const protocol::web_socket::frame_piece& piece, net::steady_time now) {
    using protocol::web_socket::opcode;
    if (piece.kind == opcode::ping) ++client_pings;
    if (piece.kind == opcode::ping) protocol::web_socket::append_frame(to_send, opcode::pong, {}, std::nullopt);
    if (piece.kind == opcode::close) has_client_left = true;
    if (piece.kind != opcode::pong) return;
    REQUIRE_FALSE(pings.empty());
    latest_pong = std::max<std::chrono::nanoseconds>(latest_pong, now - pings.front());
    pings.pop_front();
  }

  std::string to_send;
  std::deque<net::steady_time> pings;  ///< Those that were not answered yet.
  std::chrono::nanoseconds latest_pong{0};
  std::size_t client_pings = 0, open = 0;
  bool has_client_left = false;
  net::wake_up* reader = nullptr;
};

class spoken_stream final : public net::stream {
 public:
  explicit spoken_stream(spoken_server& server) : server_(server) { ++server_.open; }
  ~spoken_stream() override { --server_.open; }

  std::size_t write_now(net::operation& op, asio::const_buffer bytes, net::error_code& ec) override {
    ec.clear();
    std::string text{static_cast<const char*>(bytes.data()), bytes.size()};
    std::span<char> rest{text};
    std::optional<protocol::web_socket::violation> wrong;
    if (!std::exchange(is_upgraded_, true))
      server_.to_send += web_socket_answer(text, "");
    else
      while (const auto piece = frames_.next(rest, wrong)) server_.hear(*piece, op.clock().now());
    if (server_.reader != nullptr) server_.reader->notify();
    return bytes.size();
  }
  net::awaitable<std::size_t> write(net::operation& op, asio::const_buffer bytes, net::error_code& ec) override {
    co_return write_now(op, bytes, ec);
  }
  net::awaitable<std::size_t> read_some(net::operation& op, asio::mutable_buffer buffer, net::error_code& ec) override {
    ec.clear();
    while (server_.to_send.empty() && !server_.has_client_left) {
      net::wake_up more{op.executor()};
      server_.reader = &more;
      co_await more.wait(op, ec);
      server_.reader = nullptr;
      if (ec) co_return 0;
    }
    co_await asio::post(op.executor(), asio::use_awaitable);
    co_return give(buffer, ec);
  }
  std::size_t read_now(net::operation&, asio::mutable_buffer buffer, net::error_code&) override {
    net::error_code left_to_next;
    return give(buffer, left_to_next);
  }
  bool is_quiet() noexcept override { return true; }
  void close() noexcept override {}

 private:
  std::size_t give(asio::mutable_buffer buffer, net::error_code& ec) {
    auto& all = server_.to_send;
    const auto size = std::min(all.size() - given_, buffer.size());
    std::memcpy(buffer.data(), all.data() + given_, size);
    given_ += size;
    if (given_ == all.size()) all.erase(0, std::exchange(given_, 0));
    if (size == 0) ec = asio::error::eof;
    return size;
  }

  spoken_server& server_;
  std::size_t given_ = 0;
  bool is_upgraded_ = false;
  protocol::web_socket::frame_reader frames_{protocol::web_socket::role::server, 1024};
};

class spoken_connector final : public net::connector {
 public:
  explicit spoken_connector(spoken_server& server) : server_(server) {}
  net::awaitable<std::unique_ptr<net::stream>> connect(net::operation&, net::origin, net::connect_failure&) override {
    co_return std::make_unique<spoken_stream>(server_);
  }

 private:
  spoken_server& server_;
};

/// A client of such a server.
class spoken_fixture : public fixture {
 public:
  explicit spoken_fixture(config settings = client_fixture::default_config()) {
    through_kernel = false;
    core_ = std::make_shared<v0::detail::client_core>(std::move(settings), std::make_shared<spoken_connector>(server));
    client_.emplace(v0::detail::client_core::handle(core_));
  }
  ~spoken_fixture() {
    client_->close();
    settle();
    CHECK_MESSAGE(server.open == 0, "a connection is left behind");
  }
  daytona::sandbox sandbox() {
    auto data = model::from_json<model::sandbox_data>(sandbox_json("started"));
    return v0::detail::sandbox_core::make(std::make_shared<v0::detail::sandbox_core>(core_, *std::move(data)));
  }
  /// Once a second from now on `what` is said, with a ping behind it, so many times; and then the rest.
  void speak(std::size_t times, std::string what, std::string rest) {
    asio::co_spawn(io(), keep_speaking(server, times, std::move(what), std::move(rest)), asio::detached);
  }

  spoken_server server;

 private:
  static awaitable<void> keep_speaking(spoken_server& server, std::size_t times, std::string what, std::string rest) {
    const std::optional<std::chrono::nanoseconds> no_limit;
    const auto op = co_await net::begin_operation(no_limit);
    net::error_code ec;
    for (; times > 0; --times) {
      co_await net::sleep_until(*op, op->clock().now() + 1s, ec);
      server.say(what, op->clock().now());
    }
    server.to_send += rest;
    if (server.reader != nullptr) server.reader->notify();
  }

  std::shared_ptr<v0::detail::client_core> core_;
  std::optional<daytona::client> client_;
};

/// A handler that takes its time over each part.
auto slowly(std::size_t& bytes) {
  return [&bytes](std::string_view text) -> awaitable<void> {
    bytes += text.size();
    const std::optional<std::chrono::nanoseconds> no_limit;
    const auto op = co_await net::begin_operation(no_limit);
    net::error_code ec;
    co_await net::sleep_until(*op, op->clock().now() + 900ms, ec);
  };
}

awaitable<std::size_t> size_of_rest(log_stream log) {
  std::size_t size = 0;
  for (;;) {
    const auto chunk = co_await log.next();
    if (!chunk) co_return size;
    size += chunk->bytes.size();
  }
}

}  // namespace

TEST_CASE("S6: a server that pings every second is answered at once, though output pours in and its handler is slow") {
  constexpr std::size_t seconds = 100, size = 1024 * 1024;
  auto settings = client_fixture::default_config();
  settings.max_stream_buffer = 2 * size;
  spoken_fixture fixture{settings};
  std::string burst = binary_frame(stdout_marker);
  for (std::size_t sent = 0; sent < size; sent += 4096) burst += binary_frame(std::string(4096, 'x'));
  fixture.speak(seconds, burst, close_frame(1000));
  std::size_t bytes = 0;
  auto handler = slowly(bytes);

  const auto end =
      fixture.run(fixture.sandbox().process().get_session_command_logs_async("many", "c1", handler, handler));

  CHECK_FALSE(end.failed());
  CHECK(bytes == seconds * size);
  CHECK(fixture.server.pings.empty());
  CHECK(fixture.server.latest_pong < 1s);
  CHECK(fixture.elapsed() >= 100s);
}

TEST_CASE("S6, S14: in two minutes of silence each ping is answered at once, and output that comes then is given out") {
  spoken_fixture fixture;
  fixture.speak(120, "", binary_frame(stdout_marker + "late") + close_frame(1000));
  std::string told;
  auto handler = [&](std::string_view text) { told += text; };

  const auto end =
      fixture.run(fixture.sandbox().process().get_session_command_logs_async("many", "c1", handler, handler));

  CHECK_FALSE(end.failed());
  CHECK(told == "late");
  CHECK(fixture.server.pings.empty());
  CHECK(fixture.server.latest_pong < 1s);
  CHECK(fixture.server.client_pings >= 5);
}

TEST_CASE("S6: a log that nobody reads keeps its own pings going, and answers the server's when it is read again") {
  constexpr std::size_t size = 16 * 1024;
  auto settings = client_fixture::default_config();
  settings.max_stream_buffer = 4096;
  spoken_fixture fixture{settings};
  fixture.speak(3, binary_frame(stdout_marker + std::string(size, 'x')), close_frame(1000));
  auto log = fixture.run(fixture.sandbox().process().follow_session_command("many", "c1")).value();

  fixture.run_until([&] { return fixture.elapsed() >= 10min; });
  const auto pings_meanwhile = fixture.server.client_pings;
  const auto unanswered = fixture.server.pings.size();
  const auto rest = fixture.run(size_of_rest(log));

  CHECK(pings_meanwhile >= 29);  // one every 20 s
  CHECK(unanswered == 2);        // behind what did not fit the buffer
  CHECK(rest.value() == 3 * size);
  CHECK(fixture.server.pings.empty());
}

TEST_CASE("S14: a program that says nothing for minutes is over when the server says so, and its last words are kept") {
  spoken_fixture fixture;
  fixture.speak(300, "",
                text_frame(R"({"type":"stdout","text":"late"})") +
                    text_frame(R"({"type":"control","text":"completed"})") + close_frame(1000));

  const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("sleep"));

  CHECK(end.value().stdout_ == "late");
  CHECK(fixture.elapsed() >= 300s);
}

TEST_CASE("I1: an interrupt is told as that of the timeout only if the timeout has passed") {
  struct course {
    std::chrono::seconds limit;
    std::size_t seconds;
    std::string_view told;
  };
  for (const auto& one : {course{10s, 10, "it outlived its timeout"}, course{10s, 9, "before its timeout of 10 s"},
                          course{0s, 9, "though it has no timeout"}}) {
    spoken_fixture fixture;
    fixture.speak(one.seconds, "", text_frame(R"({"type":"control","text":"interrupted"})") + close_frame(4008));
    run_code_options options;
    options.timeout = one.limit;

    const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code("raise KeyboardInterrupt", options));

    CHECK(end.error().code() == errc::process_execution_timeout);
    CHECK_MESSAGE(end.error().message().find(one.told) != std::string::npos, end.error().message());
  }
}

TEST_CASE(
    "S13: a log whose handlers are cancelled while it is silent ends at once, is closed, and calls none of them") {
  spoken_fixture fixture;
  asio::cancellation_signal signal;
  fixture.speak(5, "", binary_frame(stdout_marker + "too late") + close_frame(1000));
  std::size_t calls = 0;
  auto handler = [&](std::string_view) { ++calls; };
  std::exception_ptr failure;
  asio::co_spawn(fixture.io(),
                 fixture.sandbox().process().get_session_command_logs_async("many", "c1", handler, handler),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { failure = e; }));
  fixture.run_until([&] { return fixture.elapsed() >= 2s; });
  CHECK_FALSE(failure);

  signal.emit(asio::cancellation_type::terminal);
  fixture.settle();

  CHECK(failure);
  CHECK(fixture.server.open == 0);
  CHECK(fixture.server.has_client_left);
  fixture.run_until([&] { return fixture.elapsed() >= 5s; });
  CHECK(calls == 0);
}
