#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

awaitable<pty_handle> open_pty(sandbox owner, std::string id, pty_size size = pty_size()) {
  create_pty_options options;
  options.pty_size = size;
  auto terminal = co_await owner.process().create_pty_session(id, options);
  co_return terminal;
}

/// Reads until `end` was put out, or the terminal has ended.
awaitable<std::string> read_until(pty_handle terminal, std::string end) {
  std::string seen;
  while (seen.find(end) == std::string::npos) {
    const auto output = co_await terminal.next();
    if (!output) break;
    seen += *output;
  }
  co_return seen;
}

/// What a command line puts out, with marks around it, so that its echo is told apart.
awaitable<std::string> output_of(pty_handle terminal, std::string line) {
  co_await terminal.send_input("printf '<%s\\n' '<'; " + line + "; printf '%s>\\n' '>'\n");
  const auto seen = co_await read_until(terminal, ">>\r\n");
  const auto begin = seen.rfind("<<\r\n") + 4;
  co_return seen.substr(begin, seen.find(">>\r\n", begin) - begin);
}

/// Bytes of which no two places of a large stream look alike.
class byte_stream {
 public:
  char next() {
    if (left_ == 0) {
      state_ ^= state_ << 13;
      state_ ^= state_ >> 7;
      state_ ^= state_ << 17;
      word_ = state_;
      left_ = 8;
    }
    --left_;
    const auto byte = static_cast<char>(word_ & 0xFF);
    word_ >>= 8;
    return byte;
  }

 private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15, word_ = 0;
  int left_ = 0;
};

constexpr std::size_t large = std::size_t{64} << 20;

awaitable<void> feed_large_stream(pty_handle terminal) {
  byte_stream bytes;
  std::string block(256 * 1024, '\0');
  for (std::size_t sent = 0; sent < large; sent += block.size()) {
    for (char& each : block) each = bytes.next();
    co_await terminal.send_input(block);
  }
}

std::string left_of(std::string_view mark) {
  return "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '" + std::string(mark) + "'";
}

template <class Error>
awaitable<bool> fails_with(awaitable<void> work) {
  try {
    co_await std::move(work);
    co_return false;
  } catch (const Error&) {
    co_return true;
  }
}

template <class T>
awaitable<void> drop_result(awaitable<T> work) {
  co_await std::move(work);
}

}  // namespace

TEST_CASE("P9: a terminal has its shell, folder, variables and size, and programs hear of another size") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    create_pty_options options;
    options.cwd = "/usr";
    options.envs["NAME"] = "it's \"é\"";
    options.pty_size = pty_size(50, 132);
    auto terminal = co_await sandbox.process().create_pty_session("t", options);
    auto seen = co_await output_of(terminal, "stty size; pwd; echo \"$NAME $TERM\"; tty >/dev/null && echo a-tty");
    CHECK(seen == "50 132\r\n/usr\r\nit's \"é\" xterm-256color\r\na-tty\r\n");
    pty_size size(30, 100);
    auto now = co_await terminal.resize(size);
    CHECK(now.cols == 100);
    seen = co_await output_of(terminal, "stty size");
    CHECK(seen == "30 100\r\n");
    auto info = co_await sandbox.process().get_pty_session_info("t");
    CHECK(info.active);
    CHECK(info.rows == 30);
    CHECK(info.cwd == "/usr");
    CHECK(info.envs.at("NAME") == "it's \"é\"");
    CHECK(info.envs.at("TERM") == "xterm-256color");
    auto all = co_await sandbox.process().list_pty_sessions();
    CHECK(all.size() == 1);
    co_await terminal.kill();
  });
}

TEST_CASE("P7: exit codes and signals are told as they were, with the last words before them") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    const std::vector<std::pair<std::string, int>> ends{
        {"exit 0", 0}, {"exit 7", 7}, {"kill -KILL $$", 137}, {"kill -HUP $$", 129}, {"exec sh -c 'kill $$'", 143}};
    for (const auto& [line, code] : ends) {
      auto terminal = co_await open_pty(sandbox, "t");
      co_await terminal.send_input("printf 'last-%s\\n' words; " + line + "\n");
      auto seen = co_await read_until(terminal, "\x04");
      CHECK(seen.find("last-words\r\n") != std::string::npos);
      auto ended = co_await terminal.wait();
      CHECK(ended.exit_code == code);
      CHECK(ended.error.has_value() == (code != 0));
      CHECK_FALSE(terminal.is_connected());
      auto refused = co_await fails_with<gone_error>(terminal.send_input("x"));
      CHECK(refused);
    }
    auto all = co_await sandbox.process().list_pty_sessions();
    CHECK(all.empty());
  });
}

TEST_CASE("several clients of a terminal see the same, and type into the same shell") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto first = co_await open_pty(sandbox, "t");
    auto second = co_await sandbox.process().connect_pty_session("t");
    co_await second.wait_for_connection();
    co_await first.send_input("A=from-first; echo $A-1\n");
    auto seen = co_await read_until(first, "from-first-1\r\n");
    auto other = co_await read_until(second, "from-first-1\r\n");
    CHECK(seen.find("A=from-first; echo $A-1\r\n") != std::string::npos);
    CHECK(other.find("from-first-1\r\n") != std::string::npos);
    co_await second.send_input("echo $A-2; exit 5\n");
    seen = co_await read_until(first, "\x04");
    other = co_await read_until(second, "\x04");
    CHECK(seen.find("from-first-2\r\n") != std::string::npos);
    CHECK(other.find("from-first-2\r\n") != std::string::npos);
    auto ended = co_await first.wait();
    CHECK(ended.exit_code == 5);
    ended = co_await second.wait();
    CHECK(ended.exit_code == 5);
  });
}

TEST_CASE("a terminal outlives its clients, and can be come back to; killed, it leaves no process") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    auto terminal = co_await open_pty(sandbox, "t");
    co_await terminal.send_input(
        "A=kept; setsid sleep 4321; (nohup sleep 4321 >/dev/null 2>&1 &); printf '%s\\n' there\n");
    co_await read_until(terminal, "there\r\n");
    co_await terminal.disconnect();
    pty_size size(33, 99);
    co_await process.resize_pty_session("t", size);
    auto again = co_await process.connect_pty_session("t");
    auto seen = co_await output_of(again, "echo $A; stty size");
    CHECK(seen == "kept\r\n33 99\r\n");
    co_await process.kill_pty_session("t");
    auto ended = co_await again.wait();
    CHECK(ended.exit_code == 137);
    CHECK(ended.error == "SIGKILL");
    auto left = co_await process.exec(left_of("slee[p] 4321 "));
    CHECK(left.result == "0\n");
  });
}

TEST_CASE("what is no terminal, is one already, or has a size that none has, is refused as such") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    auto terminal = co_await open_pty(sandbox, "t");
    auto refused = co_await fails_with<conflict_error>(drop_result(process.create_pty_session("t")));
    CHECK(refused);
    refused = co_await fails_with<not_found_error>(drop_result(process.get_pty_session_info("none")));
    CHECK(refused);
    refused = co_await fails_with<not_found_error>(process.kill_pty_session("none"));
    CHECK(refused);
    pty_size size(24, 80);
    refused = co_await fails_with<gone_error>(drop_result(process.resize_pty_session("none", size)));
    CHECK(refused);
    auto nowhere = co_await process.connect_pty_session("none");
    refused = co_await fails_with<connection_error>(nowhere.wait_for_connection());
    CHECK(refused);
    CHECK(nowhere.error() == "Failed to connect to PTY session: PTY session none not found");
    create_pty_options options;
    options.cwd = "/no/such";
    refused = co_await fails_with<internal_server_error>(drop_result(process.create_pty_session("u", options)));
    CHECK(refused);
    co_await terminal.kill();
  });
}

TEST_CASE("P8: 64 MiB through a terminal and back, every byte in its place") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto terminal = co_await open_pty(sandbox, "t");
    co_await terminal.send_input("stty raw -echo; printf '%s-%s' go now; exec sh -c 'head -c " + std::to_string(large) +
                                 " | cat; exit 9'\n");
    auto seen = co_await read_until(terminal, "go-now");
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, feed_large_stream(terminal), asio::detached);
    seen.erase(0, seen.find("go-now") + 6);
    byte_stream expected;
    std::size_t size = 0, wrong = 0;
    for (;;) {
      for (const char each : seen) wrong += each != expected.next();
      size += seen.size();
      auto output = co_await terminal.next();
      if (!output) break;
      seen = std::move(*output);
    }
    CHECK(wrong == 0);
    CHECK(size == large);
    CHECK(terminal.exit_code() == 9);
  });
}

TEST_CASE("S12: a client that reads late finds every byte") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto terminal = co_await open_pty(sandbox, "t");
    co_await terminal.wait_for_connection();
    co_await terminal.send_input("stty -echo; touch started; seq 1 1000000; exit 3\n");
    co_await sandbox.process().exec("until [ -e started ]; do :; done");  // meanwhile nobody reads
    std::string tail;
    std::size_t size = 0;
    while (auto output = co_await terminal.next()) {
      size += output->size();
      tail = (tail + *output).substr(tail.size() + output->size() > 100 ? tail.size() + output->size() - 100 : 0);
    }
    CHECK(size > 7'888'896);
    CHECK(tail.find("\r\n999999\r\n1000000\r\n") != std::string::npos);
    CHECK(terminal.exit_code() == 3);
  });
}
