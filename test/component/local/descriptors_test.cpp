// Thousands of connections, and what is left to do when there are no descriptors any more.
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "small_server.hpp"
#include "toolbox_fixture.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

/// While it lives this process can open as many more files as it was told.
class few_descriptors {
 public:
  explicit few_descriptors(std::size_t left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit small{256, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &small);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken_.emplace_back(fd);
    release(left);
  }
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

  void release(std::size_t count) {
    for (; count > 0; --count) taken_.pop_back();
  }

 private:
  rlimit before_{};
  std::vector<unique_fd> taken_;
};

unique_fd unconnected() { return unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}; }

void connect(const unique_fd& client, const tcp::endpoint& where) {
  REQUIRE(::connect(client.get(), where.data(), static_cast<socklen_t>(where.size())) == 0);
}

void ask(const unique_fd& client) {
  constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
}

enum class what_came { nothing, an_answer, the_end };

what_came look(const unique_fd& client) {
  char bytes[1000];
  const auto n = ::recv(client.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (n > 0) return what_came::an_answer;
  return n < 0 && errno == EAGAIN ? what_came::nothing : what_came::the_end;
}

/// Both ends of thousands of connections are in this process.
void allow_descriptors(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  REQUIRE_MESSAGE(limit.rlim_max >= count, "this test needs a hard limit of 12,000 open files (ulimit -Hn)");
  limit.rlim_cur = std::max(limit.rlim_cur, count);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

TEST_CASE("of five thousand idle connections the 4,096 youngest are kept, each at most 4 KiB, and all are answered") {
  allow_descriptors(12'000);
  small_server server;
  std::vector<unique_fd> clients;
  const auto open = [&](std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
      clients.push_back(unconnected());
      connect(clients.back(), server.listener.endpoint());
      server.pass(1ms);
    }
  };
  const auto before = ::mallinfo2().uordblks;
  open(4096);
  const auto each = (::mallinfo2().uordblks - before) / 4096;
  MESSAGE("bytes for each connection: ", each);
  CHECK(each <= 4096);

  open(5000 - 4096);

  std::size_t ended = 0;
  for (std::size_t n = 0; n < clients.size(); ++n)
    if (look(clients[n]) == what_came::the_end) CHECK(ended++ == n);  // the oldest, all of them in a row
  CHECK(ended == 5000 - 4096);
  for (std::size_t n = ended; n < clients.size(); ++n) ask(clients[n]);
  settle(server.io);
  std::size_t answered = 0;
  for (const auto& client : clients) answered += look(client) == what_came::an_answer ? 1 : 0;
  CHECK(answered == 4096);
}

TEST_CASE("without descriptors nobody is ended as long as nobody comes") {
  small_server server;
  auto idle = server.connected();
  const auto last = unconnected();
  const few_descriptors few{1};

  connect(last, server.listener.endpoint());  // takes what is left
  for (int n = 0; n < 10; ++n) server.pass(50ms);

  CHECK_FALSE(server.is_ended(idle));
}

TEST_CASE("without descriptors an idle connection makes room for one that comes") {
  small_server server;
  auto idle = server.connected();
  server.pass(1s);
  auto busy = server.connected();
  server.ask(busy);
  const auto late = unconnected();
  const few_descriptors none{0};

  connect(late, server.listener.endpoint());
  ask(late);
  settle(server.io);
  server.pass(1ms);

  CHECK(look(late) == what_came::an_answer);
  CHECK(server.is_ended(idle));
  CHECK_FALSE(server.is_ended(busy));
}

TEST_CASE("without descriptors who comes waits, nothing runs in circles, and all are served once there are some") {
  gated_server server;
  auto busy = server.connected();
  server.ask(busy);
  std::vector<unique_fd> late;
  for (int n = 0; n < 3; ++n) late.push_back(unconnected());
  few_descriptors few{0};

  for (const auto& client : late) {
    connect(client, server.listener.endpoint());
    ask(client);
  }
  settle(server.io);
  for (int n = 0; n < 20; ++n) {
    server.clock.pass(50ms);
    CHECK(settle(server.io) < 10);
  }
  for (const auto& client : late) CHECK(look(client) == what_came::nothing);
  few.release(3);
  for (int n = 0; n < 3; ++n) server.pass(50ms);
  server.open();

  for (const auto& client : late) CHECK(look(client) == what_came::an_answer);
}

TEST_CASE("without descriptors for a toolbox's connection the client is told so, and the next is served") {
  toolbox_fixture proxy{small_server::say_ok};
  few_descriptors few{3};  // the client's socket, the server's, and one of the two that it would take

  const auto refused = proxy.send(proxy.head("GET", "/version", "Connection: close\r\n"));
  CHECK(refused.status == 503);
  CHECK(refused["code"] == "OUT_OF_DESCRIPTORS");
  CHECK(refused["message"].find("ulimit -n") != std::string_view::npos);

  few.release(10);
  CHECK(proxy.send(proxy.head("GET", "/version", "Connection: close\r\n")).status == 200);
}

TEST_CASE("without descriptors the connections to toolboxes that nobody uses are closed, before any client's is") {
  toolbox_fixture proxy{small_server::say_ok};
  const std::string other{proxy.ask("POST", "/api/sandbox", "{}")["id"]};
  CHECK(proxy.send(proxy.head("GET", "/version", "Connection: close\r\n")).status == 200);  // and leaves one
  REQUIRE(proxy.toolbox->size() == 1);

  SUBCASE("for a client that comes") {
    manual_clock clock{proxy.local.io};
    const auto idle = unconnected();
    connect(idle, proxy.listener.endpoint());
    settle(proxy.local.io);
    const auto late = unconnected();
    const few_descriptors none{0};

    connect(late, proxy.listener.endpoint());
    ask(late);
    settle(proxy.local.io);
    clock.pass(1ms);
    settle(proxy.local.io);

    CHECK(look(late) == what_came::an_answer);
    CHECK(look(idle) == what_came::nothing);
  }
  SUBCASE("for a connection to another toolbox") {
    const few_descriptors few{3};  // the client's socket, the server's, and one of the two that it takes

    // Nobody answers for that one: the client leaves.
    const std::string request =
        "GET /toolbox/" + other + "/version HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n";
    CHECK(proxy.send(request, true).status != 503);
  }
  SUBCASE("for a sandbox that is begun") {
    const few_descriptors few{5};  // the client's socket, the server's, and three of the four that it takes

    CHECK(proxy.ask("POST", "/api/sandbox", "{}").status == 200);
  }

  settle(proxy.local.io);
  CHECK(proxy.toolbox->size() == 0);
}

TEST_CASE("without descriptors no sandbox is begun, what is there can be changed and removed, and nothing is lost") {
  api_fixture api;
  const std::string kept{api.ask("POST", "/api/sandbox", R"({"name":"kept"})")["id"]};
  const std::string stopped{api.ask("POST", "/api/sandbox", "{}")["id"]};
  api.ask("POST", "/api/sandbox/" + stopped + "/stop?force=true");
  {
    const few_descriptors few{2};

    const auto refused = api.ask("POST", "/api/sandbox", "{}");
    CHECK(refused.status == 503);
    CHECK(refused["code"] == "OUT_OF_DESCRIPTORS");
    CHECK(api.ask("POST", "/api/sandbox/" + stopped + "/start").status == 503);
    CHECK(api.ask("GET", "/api/sandbox/" + stopped)["state"] == "stopped");
    CHECK(api.ask("PUT", "/api/sandbox/kept/labels", R"({"labels":{"a":"b"}})").status == 200);
    CHECK(api.ask("DELETE", "/api/sandbox/" + stopped).status == 200);
  }

  CHECK(api.ask("POST", "/api/sandbox", "{}").status == 200);
  api.local.open();
  CHECK(api.local.all->all().size() == 2);
  CHECK(api.local.all->get(kept).labels.at("a") == "b");
}

TEST_CASE("WebSockets take no more than three quarters of the connections, each at most 24 KiB while it is silent") {
  std::optional<toolbox_fixture> proxy;
  {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit small{400, before.rlim_max};  // of which clients have half
    ::setrlimit(RLIMIT_NOFILE, &small);
    proxy.emplace([](http::exchange& exchange) -> asio::awaitable<void> {
      if (!exchange.head().wants_upgrade()) {
        http::response ok{200, "ok"};
        co_await exchange.respond(std::move(ok));
        co_return;
      }
      http::raw_stream taken = exchange.take_stream();
      constexpr std::string_view accept =
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
      co_await asio::async_write(taken.socket, asio::buffer(accept), asio::use_awaitable);
      char byte = 0;
      co_await taken.socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
    });
    ::setrlimit(RLIMIT_NOFILE, &before);
  }
  const std::string upgrade = proxy->head("GET", "/", "Connection: Upgrade\r\nUpgrade: x\r\n");
  std::vector<unique_fd> clients;
  const auto open_one = [&] {
    clients.push_back(unconnected());
    connect(clients.back(), proxy->listener.endpoint());
    REQUIRE(::send(clients.back().get(), upgrade.data(), upgrade.size(), MSG_NOSIGNAL) > 0);
    settle(proxy->local.io);
  };
  open_one();
  const auto before = ::mallinfo2().uordblks;

  while (clients.size() < 150) open_one();
  const auto each = (::mallinfo2().uordblks - before) / 149;
  const auto refused = proxy->send(proxy->head("GET", "/", "Connection: close, Upgrade\r\nUpgrade: x\r\n"));
  const auto served = proxy->send(proxy->head("GET", "/version", "Connection: close\r\n"));
  clients.pop_back();
  settle(proxy->local.io);
  open_one();

  CHECK(each <= 24 * 1024);
  CHECK(refused.status == 503);
  CHECK(refused["code"] == "TOO_MANY_STREAMS");
  CHECK(refused.whole.find("Retry-After: 1") != std::string::npos);
  CHECK(served.status == 200);
  for (const auto& client : clients) CHECK(look(client) == what_came::an_answer);
}
