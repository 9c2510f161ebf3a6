// What answers take of memory that wait to be read.
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>
#include <malloc.h>

#include <string>
#include <string_view>
#include <vector>

#include "api_fixture.hpp"
#include "local/control/create_request.hpp"
#include "small_server.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t mebibytes = 1024 * 1024;

std::size_t memory_in_use() {
  const auto all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
}

/// Answers with 20 MiB, of which all answers together have 64.
asio::awaitable<void> say_much(http::exchange& exchange) {
  http::response whole{200, std::string(20 * mebibytes, 'x'), "text/plain"};
  co_await exchange.respond(std::move(whole));
}

int status_that_came(asio::ip::tcp::socket& client) {
  std::string got(100, '\0');
  got.resize(client.read_some(asio::buffer(got)));
  return status_of(got);
}

}  // namespace

TEST_CASE(
    "answers that are not read take no more memory than all may have together: for one more those end that take "
    "nothing for a second, before that it is refused") {
  small_server server{4096, say_much};
  const auto before = memory_in_use();
  std::vector<asio::ip::tcp::socket> clients;
  const auto ask = [&](std::string_view method) {
    clients.push_back(server.connected());
    server.ask(clients.back(), std::string{method} + " / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    return status_that_came(clients.back());
  };
  CHECK(ask("GET") == 200);
  server.pass(500ms);
  CHECK(ask("GET") == 200);
  CHECK(ask("GET") == 200);

  CHECK(ask("GET") == 503);
  CHECK(memory_in_use() - before < 64 * mebibytes);
  server.pass(500ms);
  CHECK(ask("GET") == 200);
  CHECK(memory_in_use() - before < 64 * mebibytes);
  CHECK(ask("POST") == 200);  // what it asked for is done

  CHECK(server.is_ended(clients[0]));
  CHECK_FALSE(server.is_ended(clients[2]));
}

TEST_CASE("an answer that was read gives its memory back, and one that is larger than all may be needs all of it") {
  small_server server{4096, [](http::exchange& exchange) -> asio::awaitable<void> {
                        http::response whole{200, std::string(100 * mebibytes, 'x'), "text/plain"};
                        co_await exchange.respond(std::move(whole));
                      }};
  const auto all = server.service->answers->left();
  auto client = server.connected();
  server.ask(client);
  CHECK(server.service->answers->left() == 0);

  client.non_blocking(true);
  std::string piece(mebibytes, '\0');
  for (int turn = 0; turn < 10'000 && server.service->answers->left() == 0; ++turn) {
    boost::system::error_code nothing;
    client.read_some(asio::buffer(piece), nothing);
    settle(server.io);
  }

  CHECK(server.service->answers->left() == all);
}

TEST_CASE(
    "lists of sandboxes that are not read take no more memory than all answers may have together: who comes then is "
    "told when to come again, and is served once one of them has taken nothing for a second") {
  api_fixture api;
  manual_clock clock{api.local.io};
  daytona::model::sandbox_data wanted = read_create_request("{}");
  wanted.labels["large"] = std::string(12 * mebibytes, 'x');
  const auto id = run(api.local.io, sandboxes::create(api.local.all, wanted)).id;

  for (const std::string& path :
       {std::string{"/api/sandbox"}, std::string{"/api/sandbox/paginated"}, "/api/sandbox/" + id}) {
    CAPTURE(path);
    const auto before = memory_in_use();
    std::vector<asio::ip::tcp::socket> unread;
    for (int n = 0; n < 6; ++n) {
      unread.emplace_back(api.local.io).connect(api.listener.endpoint());
      const auto request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n";
      asio::write(unread.back(), asio::buffer(request));
      settle(api.local.io);
    }
    const auto taken = memory_in_use() - before;
    const auto refused = api.ask("GET", path);
    clock.pass(1s);
    const auto served = api.ask("GET", path);

    CHECK(taken < 64 * mebibytes);
    CHECK(refused.status == 503);
    CHECK(refused["code"] == "ANSWER_MEMORY_IN_USE");
    CHECK(refused.whole.find("\r\nRetry-After: 1\r\n") != std::string::npos);
    CHECK(served.status == 200);
    unread.clear();
    settle(api.local.io);
    CHECK(api.service->answers->left() == api.service->answers->most());
  }
}
