#include "kit/script_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kit/web_socket_peer.hpp"

namespace daytona::test {

using asio::ip::tcp;
using net::error_code;

const loopback_identity& loopback_identity::instance() {
  static const loopback_identity identity;
  return identity;
}

class script_server::state {
 public:
  state(asio::io_context& io, std::shared_ptr<script> plot, bool tls)
      : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), plot_(std::move(plot)) {
    if (tls) tls_ = server_side();
  }

  static asio::awaitable<void> accept(std::shared_ptr<state> self) {
    for (;;) {
      error_code ec;
      auto socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return;
      ++self->plot_->connections;
      socket.set_option(tcp::no_delay(true), ec);
      auto connection = std::make_shared<tcp::socket>(std::move(socket));
      self->sockets_.push_back(connection);
      asio::co_spawn(self->acceptor.get_executor(), serve(self, connection), asio::detached);
    }
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& socket : sockets_) socket->close(ignored);
  }

  tcp::acceptor acceptor;

 private:
  /// Made once: reading keys and certificates takes longer than a conversation.
  static std::shared_ptr<asio::ssl::context> server_side() {
    static const auto made = [] {
      const auto& identity = loopback_identity::instance().server;
      auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
      context->use_certificate_chain(asio::buffer(identity.certificate));
      context->use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
      return context;
    }();
    return made;
  }

  bool step(tcp::socket& socket) { return take_step(*plot_, socket); }

  static asio::awaitable<void> serve(std::shared_ptr<state> self, std::shared_ptr<tcp::socket> socket) {
    if (!self->step(*socket)) co_return;
    if (!self->tls_) {
      co_await self->converse(*socket, *socket);
      co_return;
    }
    error_code ec;
    asio::ssl::stream<tcp::socket&> secured{*socket, *self->tls_};
    co_await secured.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) socket->close(ec);
    if (!socket->is_open() || !self->step(*socket)) co_return;
    co_await self->converse(secured, *socket);
  }

  template <class Stream>
  asio::awaitable<void> converse(Stream& stream, tcp::socket& socket) {
    std::string received;
    std::optional<web_socket_peer> web_socket;
    error_code ec;
    while (socket.is_open()) {
      std::array<char, 4096> more{};
      const auto buffer = asio::buffer(more);
      const auto size = co_await stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, ec));
      if (ec) break;
      received.append(more.data(), size);
      if (web_socket) {
        const auto answer = web_socket->take(std::exchange(received, {}), *plot_);
        const asio::const_buffer piece{answer.data(), answer.size()};
        co_await asio::async_write(stream, piece, asio::redirect_error(asio::use_awaitable, ec));
        if (ec || web_socket->is_over()) break;
        continue;
      }
      const auto whole = request_size(received);
      if (whole == 0) continue;
      if (!step(socket)) co_return;
      const auto reply = plot_->answer(received.substr(0, whole));
      received.erase(0, whole);
      if (reply.upgrades) web_socket.emplace();
      if (reply.silent) co_return;
      const bool goes_on = co_await send(stream, socket, reply);
      if (!goes_on) co_return;
    }
    socket.close(ec);
  }

  /// In two halves, with a step between them.
  template <class Stream>
  asio::awaitable<bool> send(Stream& stream, tcp::socket& socket, const scripted_reply& reply) {
    error_code ec;
    const std::string_view bytes = reply.bytes;
    const std::array halves{bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2)};
    for (const auto& half : halves) {
      const asio::const_buffer piece{half.data(), half.size()};
      if (half.empty()) continue;
      co_await asio::async_write(stream, piece, asio::redirect_error(asio::use_awaitable, ec));
      const bool is_first = half.data() == bytes.data();
      if (ec || (is_first && !step(socket))) co_return false;
    }
    if (reply.close_after) socket.close(ec);
    co_return !reply.close_after;
  }

  std::shared_ptr<script> plot_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
};

script_server::script_server(asio::io_context& io, std::shared_ptr<script> plot, bool tls)
    : state_(std::make_shared<state>(io, std::move(plot), tls)) {
  asio::co_spawn(io, state::accept(state_), asio::detached);
}

script_server::~script_server() { state_->stop(); }

std::uint16_t script_server::port() const { return state_->acceptor.local_endpoint().port(); }

bool take_step(script& plot, tcp::socket& socket) {
  const auto action = plot.begin_step();
  if (action == step_action::proceed) return true;
  if (action == step_action::fail) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
    return false;
  }
  if (plot.on_hang) plot.on_hang();
  return action == step_action::overtake;
}

rewired_connector::rewired_connector(const config& settings, net::origin there, scripted_names* names)
    : real_(settings, names == nullptr ? net::system_lookup : names->lookup()),
      there_(std::move(there)),
      names_(names) {}

net::awaitable<std::unique_ptr<net::stream>> rewired_connector::connect(net::operation& op, net::origin,
                                                                        net::connect_failure& failure) {
  const scripted_names::watch watch{names_, op};
  auto there = there_;
  auto connected = co_await real_.connect(op, std::move(there), failure);
  co_return connected;
}

}  // namespace daytona::test
