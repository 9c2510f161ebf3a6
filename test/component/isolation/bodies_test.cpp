// What the bodies of requests may take of a toolbox's memory. The toolbox's service, in this process.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include "isolation_fixture.hpp"
#include "local/http/listener.hpp"
#include "local/isolation/packet.hpp"
#include "local/toolbox/service.hpp"

namespace daytona::local::test {

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

struct service_fixture {
  ~service_fixture() {
    connections->close_all();
    io.poll();
  }

  unique_fd connect() {
    boost::system::error_code error;
    auto ends = socket_pair(SOCK_STREAM, error);
    connections->start(http::stream_socket{io.get_executor(), {AF_UNIX, 0}, ends.first.release()});
    return std::move(ends.second);
  }

  void send(const unique_fd& to, std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(to.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
      if (io.poll() == 0 && sent < 0) return;  // it takes no more
    }
  }

  /// A request of a command, and so much of its body.
  unique_fd ask(const std::string& framing, std::size_t sent) {
    unique_fd client = connect();
    send(client, "POST /process/execute HTTP/1.1\r\nHost: toolbox\r\n" + framing + "\r\n\r\n");
    send(client, std::string(sent, 'x'));
    return client;
  }

  /// What has been answered.
  std::string answer(const unique_fd& client) {
    io.restart();
    io.poll();
    std::string text(4096, '\0');
    const auto size = ::recv(client.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

  asio::io_context io;
  toolbox::child_watcher children{io.get_executor()};
  toolbox::memory_watch memory{io.get_executor(), 0};
  std::shared_ptr<http::connection_group> connections = std::make_shared<http::connection_group>(
      io.get_executor(), toolbox::make_service(children, memory, nullptr, nullptr));
};

std::string length(std::size_t size) { return "Content-Length: " + std::to_string(size); }

bool tells_when_to_come_again(const std::string& answer) {
  INFO(answer);
  return answer.starts_with("HTTP/1.1 503 ") && answer.find("\r\nRetry-After: 1\r\n") != std::string::npos &&
         answer.find("REQUEST_MEMORY_IN_USE") != std::string::npos;
}

}  // namespace

TEST_CASE(
    "bodies that don't end take no more of a toolbox's memory than all may have together: who comes then is told when "
    "to come again, and is served once they are gone") {
  service_fixture fixture;
  auto first = fixture.ask(length(60 * mebibyte), 60 * mebibyte - 1);
  const auto second = fixture.ask(length(60 * mebibyte), 60 * mebibyte - 1);

  CHECK(tells_when_to_come_again(fixture.answer(fixture.ask(length(60 * mebibyte), 0))));
  CHECK(
      tells_when_to_come_again(fixture.answer(fixture.ask("Transfer-Encoding: chunked\r\n\r\n900000", 9 * mebibyte))));
  CHECK(fixture.answer(fixture.ask(length(mebibyte), mebibyte)).starts_with("HTTP/1.1 400 "));
  CHECK(fixture.answer(first) + fixture.answer(second) == "");
  first.reset();
  fixture.io.poll();
  CHECK(fixture.answer(fixture.ask(length(60 * mebibyte), 60 * mebibyte)).starts_with("HTTP/1.1 400 "));
}

}  // namespace daytona::local::test
