// What a toolbox makes of messages above the limits of its WebSockets, from a client that is none of ours.
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "beast_client.hpp"
#include "isolation_fixture.hpp"

namespace beast = boost::beast;

namespace daytona::local::test {

namespace {

using socket_ptr = std::shared_ptr<web_socket>;

constexpr std::size_t longest_typed = 64 * 1024, longest_program = 64 * 1024 * 1024;
constexpr unsigned too_big = 1009;

asio::awaitable<void> send(socket_ptr to, std::string text, bool ends_message) {
  const auto bytes = asio::buffer(text);
  beast::error_code refused;  // who is refused in the middle may not be able to send it all
  co_await to->async_write_some(ends_message, bytes, asio::redirect_error(asio::use_awaitable, refused));
}

asio::awaitable<std::string> read_until(socket_ptr from, std::string end) {
  std::string seen;
  while (seen.find(end) == std::string::npos) {
    beast::flat_buffer message;
    co_await from->async_read(message, asio::use_awaitable);
    seen += beast::buffers_to_string(message.data());
  }
  co_return seen;
}

struct large_message_fixture : isolation_fixture {
  socket_ptr open(const std::string& target) { return run(open_web_socket(sandbox, target)); }
  void send(const socket_ptr& to, std::string text, bool ends_message = true) {
    run(test::send(to, std::move(text), ends_message));
  }
  std::string read_until(const socket_ptr& from, std::string end) {
    return run(test::read_until(from, std::move(end)));
  }
  unsigned close_code_of(const socket_ptr& socket) { return run(read_to_close(socket)).close_code; }

  toolbox_channel sandbox = launch("one");
};

}  // namespace

TEST_CASE("a message to a terminal above 64 KiB is refused with 1009, in one frame or in parts, and others go on") {
  large_message_fixture fixture;
  const std::string terminal = "/process/pty/t/connect";
  fixture.run(ask(fixture.sandbox, "POST", "/process/pty", R"({"id":"t"})"));
  const auto other = fixture.open(terminal);

  for (int n = 0; n < 40; ++n) {  // more than a terminal has places for
    const auto refused = fixture.open(terminal);
    if (n % 2 == 1) fixture.send(refused, std::string(longest_typed - 1, 'x'), false);
    fixture.send(refused, std::string(n % 2 == 1 ? 2 : longest_typed + 1, 'x'));
    CHECK(fixture.close_code_of(refused) == too_big);
  }

  fixture.send(other, "stty raw -echo; printf '%s-%s' go now; head -c 65536 | tr -d y | wc -c\n");
  const auto seen = fixture.read_until(other, "go-now");
  CHECK(seen.find("xxx") == std::string::npos);
  fixture.send(other, std::string(longest_typed, 'z'));
  CHECK(fixture.read_until(other, "65536").find("x") == std::string::npos);
}

TEST_CASE("a program above 64 MiB is refused with 1009, takes no memory from those behind it, and stops no other") {
  large_message_fixture fixture;
  const std::string interpreter = "/process/interpreter/execute";
  fixture.output_of(fixture.sandbox, "mkfifo /tmp/gate");
  const auto running = fixture.open(interpreter);
  fixture.send(running, R"x({"code":"print('runs', flush=True)\nprint(open('/tmp/gate').read())"})x");
  fixture.read_until(running, "runs");

  for (int n = 0; n < 3; ++n) {  // two would take all that there is for programs
    const auto refused = fixture.open(interpreter);
    if (n != 1) fixture.send(refused, std::string(longest_program, ' '), false);
    fixture.send(refused, std::string(n != 1 ? 1 : longest_program + 1, ' '));
    CHECK(fixture.close_code_of(refused) == too_big);
  }

  const auto next = fixture.open(interpreter);
  fixture.send(next, R"x({"code":"print('next')"})x" + std::string(longest_program - 100, ' '));
  fixture.output_of(fixture.sandbox, "echo opened > /tmp/gate");
  CHECK(fixture.read_until(running, "completed").find("opened") != std::string::npos);
  CHECK(fixture.read_until(next, "completed").find("next") != std::string::npos);
}

}  // namespace daytona::local::test
