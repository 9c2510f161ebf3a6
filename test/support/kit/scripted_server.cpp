#include "kit/scripted_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

#include "kit/scripted_connector.hpp"
#include "net/operation.hpp"

namespace daytona::test {

using asio::ip::tcp;
using net::error_code;

namespace {

asio::ip::address loopback(bool v6) {
  if (v6) return asio::ip::address_v6::loopback();
  return asio::ip::address_v4::loopback();
}

}  // namespace

class scripted_server::state : public std::enable_shared_from_this<state> {
 public:
  state(asio::io_context& io, const server_options& options)
      : acceptor_(io, tcp::endpoint(loopback(options.v6), options.port)), mute_(options.mute) {
    if (!options.identity) return;
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->use_certificate_chain(asio::buffer(options.identity->certificate));
    tls_->use_private_key(asio::buffer(options.identity->key), asio::ssl::context::pem);
    SSL_CTX_set_max_proto_version(tls_->native_handle(), options.max_tls_version);
    if (options.client_authority.empty()) return;
    tls_->add_certificate_authority(asio::buffer(options.client_authority));
    tls_->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    constexpr unsigned char name[] =
        "kit";  // without a name for its sessions, OpenSSL resumes none with a client's certificate
    SSL_CTX_set_session_id_context(tls_->native_handle(), name, sizeof name);
  }

  static asio::awaitable<void> accept(std::shared_ptr<state> self) {
    for (;;) {
      error_code ec;
      auto socket = co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return;
      ++self->seen.connections;
      socket.set_option(tcp::no_delay(true), ec);  // a held-back answer would look like a silent peer to the clock
      auto connection = std::make_shared<tcp::socket>(std::move(socket));
      self->sockets_.push_back(connection);
      if (!self->mute_) asio::co_spawn(self->acceptor_.get_executor(), serve(self, connection), asio::detached);
    }
  }

  void stop() {
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& socket : sockets_) socket->close(ignored);
    for (const auto& pause : pauses_)
      if (const auto op = pause.lock()) op->stop(net::stop_cause::closed);
  }

  record seen;
  std::deque<server_reply> replies;
  tcp::acceptor acceptor_;

 private:
  static asio::awaitable<void> serve(std::shared_ptr<state> self, std::shared_ptr<tcp::socket> socket) {
    error_code ec;
    if (!self->tls_) {
      co_await converse(self, *socket, *socket);
    } else {
      asio::ssl::stream<tcp::socket&> secured{*socket, *self->tls_};
      co_await secured.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
      if (!ec) {
        if (SSL_session_reused(secured.native_handle()) == 1) ++self->seen.resumed;
        const auto* const name = SSL_get_servername(secured.native_handle(), TLSEXT_NAMETYPE_host_name);
        self->seen.server_names.emplace_back(name == nullptr ? "" : name);
        co_await converse(self, secured, *socket);
      }
    }
    socket->close(ec);
  }

  template <class Stream>
  static asio::awaitable<void> converse(std::shared_ptr<state> self, Stream& stream, tcp::socket& socket) {
    std::string received;
    for (;;) {
      error_code ec;
      co_await read_request(stream, received, ec);
      if (ec) co_return;
      const auto reply = self->next(received);
      received.clear();
      if (reply.delay.count() > 0) co_await self->pause(reply.delay);
      co_await write(stream, reply, ec);
      if (ec || reply.then == server_reply::ending::close) co_return;
      if (reply.then == server_reply::ending::reset) {
        socket.set_option(asio::socket_base::linger(true, 0), ec);
        co_return;
      }
    }
  }

  template <class Stream>
  static asio::awaitable<void> read_request(Stream& stream, std::string& received, error_code& ec) {
    auto buffer = asio::dynamic_buffer(received);
    const auto head =
        co_await asio::async_read_until(stream, buffer, "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    constexpr std::string_view field = "\r\nContent-Length: ";
    const auto at = received.find(field);
    const std::size_t length = at < head ? std::stoul(received.substr(at + field.size())) : 0;
    while (!ec && received.size() < head + length) {
      std::array<char, 4096> more{};
      const auto size =
          co_await stream.async_read_some(asio::buffer(more), asio::redirect_error(asio::use_awaitable, ec));
      received.append(more.data(), size);
    }
  }

  template <class Stream>
  static asio::awaitable<void> write(Stream& stream, const server_reply& reply, error_code& ec) {
    std::string_view rest = reply.bytes;
    while (!rest.empty() && !ec) {
      const auto size = reply.piece == 0 ? rest.size() : std::min(reply.piece, rest.size());
      const asio::const_buffer piece{rest.data(), size};
      co_await asio::async_write(stream, piece, asio::redirect_error(asio::use_awaitable, ec));
      rest.remove_prefix(size);
    }
  }

  server_reply next(const std::string& request) {
    seen.requests.push_back(request);
    server_reply none;
    none.then = server_reply::ending::close;
    if (replies.empty()) {
      seen.problems.push_back("unexpected request: " + request);
      return none;
    }
    auto reply = std::move(replies.front());
    replies.pop_front();
    if (!request.starts_with(reply.expected))
      seen.problems.push_back("expected " + reply.expected + ", got " + request);
    return reply;
  }

  asio::awaitable<void> pause(std::chrono::nanoseconds time) {
    const auto op = co_await net::begin_operation(std::nullopt);
    pauses_.push_back(op);
    error_code ec;
    co_await net::sleep_until(*op, op->clock().now() + time, ec);
  }

  bool mute_;
  std::optional<asio::ssl::context> tls_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
  std::vector<std::weak_ptr<net::operation>> pauses_;
};

scripted_server::scripted_server(asio::io_context& io, server_options options)
    : state_(std::make_shared<state>(io, options)) {
  asio::co_spawn(io, state::accept(state_), asio::detached);
}

scripted_server::~scripted_server() { stop(); }

std::uint16_t scripted_server::port() const { return state_->acceptor_.local_endpoint().port(); }

scripted_server& scripted_server::reply(std::string expected, unsigned status, std::string_view body) {
  server_reply next;
  next.expected = std::move(expected);
  next.bytes = http_answer(status, body);
  return reply(std::move(next));
}

scripted_server& scripted_server::reply(server_reply next) {
  state_->replies.push_back(std::move(next));
  return *this;
}

void scripted_server::stop() { state_->stop(); }

const scripted_server::record& scripted_server::seen() const { return state_->seen; }

}  // namespace daytona::test
