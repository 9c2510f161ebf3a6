#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "beast_decode.hpp"
#include "pass_on.hpp"
#include "workload.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;

// The cheapest forms throughout: a concrete executor, no timer, buffers and messages that are used again, a stack of memory for the parser.
using executor = asio::io_context::executor_type;
using plain_stream = asio::basic_stream_socket<asio::ip::tcp, executor>;
using timed_stream = beast::basic_stream<asio::ip::tcp, executor>;
template <class Stream>
constexpr bool has_deadline = std::is_same_v<Stream, timed_stream>;

template <class Stream>
struct connection {
  explicit connection(asio::io_context& io) : stream(io.get_executor()) { buffer.reserve(16 * 1024); }

  Stream stream;
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::response<http::string_body> response;
  std::array<unsigned char, 8 * 1024> json_memory;
};

void fill_in(http::request<http::string_body>& request, http::verb verb, const setting& wanted) {
  request.version(11);
  request.method(verb);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(wanted.port));
  request.set(http::field::authorization, "Bearer dtn_bench");
  request.set(http::field::user_agent, "beast/1.0");
  request.set(http::field::accept, "application/json");
  request.set("X-Daytona-Source", "beast");
  request.set("X-Daytona-SDK-Version", "0.226.1");
  if (verb == http::verb::post) request.set(http::field::content_type, "application/json");
}

template <class Stream>
asio::awaitable<void, executor> exchange(connection<Stream>& c) {
  if constexpr (has_deadline<Stream>) c.stream.expires_after(std::chrono::seconds(60));
  co_await http::async_write(c.stream, c.request, asio::deferred);
  c.response.clear();
  c.response.body().clear();
  co_await http::async_read(c.stream, c.buffer, c.response, asio::deferred);
  if (c.response.result() != http::status::ok) throw std::runtime_error("the answer is no 200");
}

template <class Stream>
asio::awaitable<model::sandbox_data, executor> get_sandbox(connection<Stream>& c, std::string_view id) {
  c.request.target(std::string("/api/sandbox/").append(id));
  co_await exchange(c);
  json::monotonic_resource memory(c.json_memory.data(), c.json_memory.size());
  const auto answer = json::parse(c.response.body(), &memory);
  co_return sandbox_from(answer.as_object());
}

template <class Stream>
asio::awaitable<execute_response, executor> execute(connection<Stream>& c, std::string_view what) {
  c.request.target(target_of(workload::exec));
  json::monotonic_resource memory(c.json_memory.data(), c.json_memory.size());
  json::object body(&memory);
  body.emplace("command", what);
  c.request.body() = json::serialize(body);
  c.request.prepare_payload();
  co_await exchange(c);
  const auto answer = json::parse(c.response.body(), &memory);
  co_return execute_response_from(answer.as_object());
}

template <class Stream>
asio::awaitable<std::vector<model::sandbox_data>, executor> list_sandboxes(connection<Stream>& c) {
  c.request.target(target_of(workload::list));
  co_await exchange(c);
  json::monotonic_resource memory(c.json_memory.data(), c.json_memory.size());
  const auto answer = json::parse(c.response.body(), &memory);
  co_return sandboxes_from(answer.as_object());
}

template <class Stream>
asio::awaitable<model::sandbox_data, executor> create_sandbox(connection<Stream>& c) {
  c.request.method(http::verb::post);
  c.request.target(target_of(workload::create_delete));
  c.request.body() = json::serialize(json::object{});
  c.request.prepare_payload();
  co_await exchange(c);
  json::monotonic_resource memory(c.json_memory.data(), c.json_memory.size());
  const auto answer = json::parse(c.response.body(), &memory);
  co_return sandbox_from(answer.as_object());
}

template <class Stream>
asio::awaitable<model::sandbox_data, executor> delete_sandbox(connection<Stream>& c, std::string_view id) {
  c.request.method(http::verb::delete_);
  c.request.body().clear();
  c.request.prepare_payload();
  co_return co_await get_sandbox(c, id);
}

template <class Stream>
asio::awaitable<void, executor> get_repeatedly(connection<Stream>& c, std::string_view id, std::size_t calls) {
  for (; calls > 0; --calls) {
    const auto found = co_await get_sandbox(c, id);
    if (found.state != "started") throw std::runtime_error("not the sandbox that was asked for");
  }
}

template <class Stream>
asio::awaitable<void, executor> exec_repeatedly(connection<Stream>& c, std::size_t calls) {
  for (; calls > 0; --calls) {
    const auto result = co_await execute(c, command);
    if (result.exit_code != 0 || result.result.empty()) throw std::runtime_error("not the result that was sent");
  }
}

template <class Stream>
asio::awaitable<void, executor> list_repeatedly(connection<Stream>& c, std::size_t calls) {
  for (; calls > 0; --calls) {
    const auto all = co_await list_sandboxes(c);
    std::size_t count = 0;
    for (const auto& one : all) count += one.state == "started" ? 1 : 0;
    if (count != sandboxes_listed) throw std::runtime_error("not the sandboxes that were sent");
  }
}

template <class Stream>
asio::awaitable<void, executor> create_and_delete_repeatedly(connection<Stream>& c, std::size_t calls) {
  for (; calls > 0; --calls) {
    const auto made = co_await create_sandbox(c);
    if (made.state != "started") throw std::runtime_error("not a started sandbox");
    co_await delete_sandbox(c, made.id);
  }
}

template <class Stream>
asio::awaitable<void, executor> call_repeatedly(connection<Stream>& c, workload load, std::size_t calls) {
  switch (load) {
    case workload::exec:
      return exec_repeatedly(c, calls);
    case workload::list:
      return list_repeatedly(c, calls);
    case workload::create_delete:
      return create_and_delete_repeatedly(c, calls);
    case workload::reconnect:
      throw std::invalid_argument("Beast's connections are fixed");
    case workload::get_small:
    case workload::get_full:
      break;
  }
  return get_repeatedly(c, body_of(load), calls);
}

template <class Stream>
class beast_caller final : public caller {
 public:
  explicit beast_caller(const setting& wanted) : setting_(wanted) {
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), wanted.port);
    for (std::size_t i = 0; i < wanted.in_flight; ++i) {
      auto& made = *connections_.emplace_back(std::make_unique<connection<Stream>>(io_));
      auto& socket = beast::get_lowest_layer(made.stream);
      if constexpr (has_deadline<Stream>) {
        socket.socket().connect(server);
        socket.socket().set_option(asio::ip::tcp::no_delay(true));
      } else {
        socket.connect(server);
        socket.set_option(asio::ip::tcp::no_delay(true));
      }
      fill_in(made.request, wanted.load == workload::exec ? http::verb::post : http::verb::get, wanted);
    }
  }

  void run(std::size_t calls) override {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      const auto share = calls / connections_.size() + (i < calls % connections_.size() ? 1 : 0);
      asio::co_spawn(io_.get_executor(), call_repeatedly(*connections_[i], setting_.load, share), pass_on);
    }
    io_.restart();
    io_.run();
  }

 private:
  setting setting_;
  asio::io_context io_{1};
  std::vector<std::unique_ptr<connection<Stream>>> connections_;
};

}  // namespace

std::unique_ptr<caller> make_beast(const setting& wanted) {
  return std::make_unique<beast_caller<plain_stream>>(wanted);
}

std::unique_ptr<caller> make_beast_with_deadline(const setting& wanted) {
  return std::make_unique<beast_caller<timed_stream>>(wanted);
}

}  // namespace daytona::bench
