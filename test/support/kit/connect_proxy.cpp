#include "kit/connect_proxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

#include "kit/script_server.hpp"
#include "model/base64.hpp"
#include "net/operation.hpp"

namespace daytona::test {

using asio::ip::tcp;
using net::error_code;

namespace {

template <class From, class To>
asio::awaitable<void> pass(From& from, To& to) {
  std::array<char, 4096> space;
  error_code ec;
  while (!ec) {
    const auto room = asio::buffer(space);
    const auto size = co_await from.async_read_some(room, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) break;
    const auto out = asio::buffer(space.data(), size);
    co_await asio::async_write(to, out, asio::redirect_error(asio::use_awaitable, ec));
  }
}

}  // namespace

class connect_proxy::state {
 public:
  state(asio::io_context& io, connect_proxy_options how)
      : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), options_(std::move(how)) {
    if (!options_.identity) return;
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->use_certificate_chain(asio::buffer(options_.identity->certificate));
    tls_->use_private_key(asio::buffer(options_.identity->key), asio::ssl::context::pem);
  }

  static asio::awaitable<void> accept(std::shared_ptr<state> self) {
    for (;;) {
      error_code ec;
      auto socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return;
      socket.set_option(tcp::no_delay(true), ec);
      auto held = std::make_shared<tcp::socket>(std::move(socket));
      self->sockets_.push_back(held);
      asio::co_spawn(self->acceptor.get_executor(), serve(self, held), asio::detached);
    }
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& socket : sockets_) socket->close(ignored);
  }

  tcp::acceptor acceptor;
  std::map<std::string, std::uint16_t> ways;
  record seen;

 private:
  using tls_end = asio::ssl::stream<tcp::socket&>;

  bool step(tcp::socket& socket) { return !options_.plot || take_step(*options_.plot, socket); }

  static asio::awaitable<void> serve(std::shared_ptr<state> self, std::shared_ptr<tcp::socket> socket) {
    error_code ec;
    if (!self->step(*socket)) co_return;
    if (!self->tls_) {
      co_await converse(self, *socket, *socket);
      co_return;
    }
    tls_end secured{*socket, *self->tls_};
    co_await secured.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) socket->close(ec);
    if (!socket->is_open() || !self->step(*socket)) co_return;
    co_await converse(self, secured, *socket);
  }

  /// A conversation ends with its connection, unless a step hangs.
  template <class Stream>
  static asio::awaitable<void> converse(std::shared_ptr<state> self, Stream& client, tcp::socket& socket) {
    const bool hangs = co_await answer(self, client, socket);
    error_code ignored;
    if (!hangs) socket.close(ignored);
  }

  template <class Stream>
  static asio::awaitable<bool> answer(std::shared_ptr<state> self, Stream& client, tcp::socket& socket) {
    std::string received;
    error_code ec;
    auto buffer = asio::dynamic_buffer(received);
    co_await asio::async_read_until(client, buffer, "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return false;
    self->seen.requests.push_back(received);
    if (!self->step(socket)) co_return true;
    if (self->options_.closes) co_return false;
    if (self->options_.mute)
      co_await asio::async_read_until(client, buffer, "never", asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return false;

    const auto way = self->ways.find(received.substr(8, received.find(' ', 8) - 8));
    const auto refusal = self->refusal(received, way != self->ways.end());
    if (!refusal.empty()) {
      const auto out = asio::buffer(refusal);
      co_await asio::async_write(client, out, asio::redirect_error(asio::use_awaitable, ec));
      co_return false;
    }
    const bool hangs = co_await tunnel(self, client, socket, way->second);
    co_return hangs;
  }

  /// What it says instead of opening a tunnel; empty if it opens one.
  std::string refusal(const std::string& request, bool is_known) const {
    if (!options_.answer.empty()) return options_.answer;
    const auto expected = "\r\nProxy-Authorization: Basic " + model::encode_base64(options_.credentials) + "\r\n";
    if (!options_.credentials.empty() && request.find(expected) == std::string::npos)
      return "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"kit\"\r\nContent-Length: "
             "0\r\n\r\n";
    if (!request.starts_with("CONNECT ")) return "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";
    return is_known ? "" : "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
  }

  template <class Stream>
  static asio::awaitable<bool> tunnel(std::shared_ptr<state> self, Stream& client, tcp::socket& socket,
                                      std::uint16_t port) {
    error_code ec;
    auto server = std::make_shared<tcp::socket>(self->acceptor.get_executor());
    self->sockets_.push_back(server);
    const tcp::endpoint where{asio::ip::address_v4::loopback(), port};
    co_await server->async_connect(where, asio::redirect_error(asio::use_awaitable, ec));
    server->set_option(tcp::no_delay(true), ec);
    ++self->seen.tunnels;
    constexpr std::string_view answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    const auto opening = asio::buffer(answer.data(), answer.size() / 2);
    const auto opened = asio::buffer(answer.data() + opening.size(), answer.size() - opening.size());
    co_await asio::async_write(client, opening, asio::redirect_error(asio::use_awaitable, ec));
    if (!self->step(socket)) co_return true;
    co_await asio::async_write(client, opened, asio::redirect_error(asio::use_awaitable, ec));

    bool down_ended = false;
    net::wake_up ended{self->acceptor.get_executor()};
    const auto op = co_await net::begin_operation(std::nullopt);
    auto down = pass(*server, client);
    asio::co_spawn(self->acceptor.get_executor(), std::move(down), [&](std::exception_ptr) {
      down_ended = true;
      error_code ignored;
      client.lowest_layer().close(ignored);
      ended.notify();
    });
    co_await pass(client, *server);
    server->close(ec);
    if (!down_ended) co_await ended.wait(*op, ec);
    co_return false;
  }

  connect_proxy_options options_;
  std::optional<asio::ssl::context> tls_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
};

connect_proxy::connect_proxy(asio::io_context& io, connect_proxy_options options)
    : state_(std::make_shared<state>(io, std::move(options))) {
  asio::co_spawn(io, state::accept(state_), asio::detached);
}

connect_proxy::~connect_proxy() { stop(); }

std::uint16_t connect_proxy::port() const { return state_->acceptor.local_endpoint().port(); }

void connect_proxy::lead(const std::string& target, std::uint16_t port) { state_->ways[target] = port; }

void connect_proxy::stop() { state_->stop(); }

const connect_proxy::record& connect_proxy::seen() const { return state_->seen; }

}  // namespace daytona::test
