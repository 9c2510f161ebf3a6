// A web server that runs posted code in sandboxes: curl -d 'print(6*7)' http://127.0.0.1:PORT/. Run: ./dev run async_server [PORT]
// Shows: the embedding case: Daytona calls co_awaited in Beast handlers on one io_context, each request with a deadline.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using namespace std::chrono_literals;

using answer_type = http::response<http::string_body>;

asio::awaitable<answer_type> run_code(daytona::client client, std::string code) {
  answer_type answer{http::status::ok, 11};
  daytona::code_run_params limits;
  limits.timeout = 10s;
  auto body = [&](daytona::sandbox sandbox) -> asio::awaitable<void> {
    auto result = co_await sandbox.process().code_run(code, limits);
    answer.set("X-Exit-Code", std::to_string(result.exit_code));
    answer.body() = std::move(result.result);
  };
  try {
    co_await daytona::with_sandbox(client, daytona::create_from_snapshot_params(), body);
  } catch (const daytona::timeout_error& e) {
    answer.result(http::status::gateway_timeout);
    answer.body() = e.what();
  } catch (const daytona::error& e) {
    answer.result(e.code() == daytona::condition::bad_request ? http::status::bad_request : http::status::bad_gateway);
    answer.body() = e.what();
  }
  answer.prepare_payload();
  co_return answer;
}

asio::awaitable<void> serve(daytona::client client, tcp::socket socket) {
  boost::beast::flat_buffer buffer;
  for (bool keep = true; keep;) {
    http::request<http::string_body> request;
    boost::system::error_code ec;
    co_await http::async_read(socket, buffer, request, asio::redirect_error(use_awaitable, ec));
    keep = !ec && request.keep_alive();
    answer_type answer{http::status::payload_too_large, 11};  // Beast's limit: 1 MiB
    answer.prepare_payload();
    if (!ec)
      answer = co_await run_code(client, std::move(request.body()));
    else if (ec != http::error::body_limit)
      co_return;
    answer.keep_alive(keep);
    co_await http::async_write(socket, answer, use_awaitable);
  }
}

asio::awaitable<void> server(daytona::client client, std::vector<std::string> arguments) {
  auto executor = co_await asio::this_coro::executor;
  const auto port = static_cast<std::uint16_t>(arguments.empty() ? 0 : samples::number(arguments.front(), 65'535));
  const tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  tcp::acceptor acceptor(executor, where);
  fmt::print("post python code to http://127.0.0.1:{}/, end with Ctrl-C\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  auto ignore = [](std::exception_ptr) {};  // a peer that goes away is its own business
  for (;;) {
    auto socket = co_await acceptor.async_accept(use_awaitable);
    asio::co_spawn(executor, serve(client, std::move(socket)), ignore);
  }
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, server); }
