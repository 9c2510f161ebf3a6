#include "net/tls_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kit/script_server.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

constexpr std::size_t record_size = 16 * 1024;
constexpr std::size_t records = 8;

/// The server's end of a connection, on a thread of its own: it takes the handshake and then says what it has to.
class tls_peer {
 public:
  explicit tls_peer(std::function<void(SSL*)> says) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    clients_ = ends[0];
    own_ = ends[1];
    const int room = 1 << 20;
    ::setsockopt(own_, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    thread_ = std::thread([this, says = std::move(says)] { serve(says); });
  }
  ~tls_peer() {
    wait();
    ::close(own_);
  }
  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  net::stream_socket connect(asio::io_context& io) const {
    return net::stream_socket{io, asio::generic::stream_protocol(AF_UNIX, 0), clients_};
  }
  /// Until it has said everything.
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  void serve(const std::function<void(SSL*)>& says) const {
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    show(context.get(), loopback_identity::instance().server);
    const std::unique_ptr<SSL, void (*)(SSL*)> ssl{SSL_new(context.get()), SSL_free};
    SSL_set_fd(ssl.get(), own_);
    if (SSL_accept(ssl.get()) == 1) says(ssl.get());
  }

  static void show(SSL_CTX* context, const tls_identity& identity) {
    const auto text = [](const std::string& pem) {
      return std::unique_ptr<BIO, int (*)(BIO*)>{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
    };
    auto* const certificate = PEM_read_bio_X509(text(identity.certificate).get(), nullptr, nullptr, nullptr);
    auto* const key = PEM_read_bio_PrivateKey(text(identity.key).get(), nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  int clients_ = -1;
  int own_ = -1;
  std::thread thread_;
};

std::shared_ptr<net::tls_context> trusting() {
  tls_options options;
  options.ca_pem = loopback_identity::instance().authority.pem();
  return std::make_shared<net::tls_context>(options);
}

const net::origin peer_origin{true, "localhost", 443};

void run_in(asio::io_context& io, asio::awaitable<void> work) {
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr why) { failure = why; });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

/// Reads what the peer has said already; `others_ran` is looked at when that is all there.
asio::awaitable<void> read_all(asio::io_context& io, tls_peer& peer, bool& others_ran, bool& had_turn) {
  const auto op = co_await net::begin_operation(std::nullopt);
  net::tls_stream stream{peer.connect(io), trusting(), peer_origin};
  net::error_code ec;
  co_await stream.handshake(*op, ec);
  CHECK_FALSE(ec);
  peer.wait();

  asio::post(io, [&] { others_ran = true; });
  std::vector<char> space(record_size);
  std::size_t received = 0;
  while (!ec && received < records * record_size) {
    const asio::mutable_buffer buffer{space.data(), space.size()};
    const std::size_t size = co_await stream.read_some(*op, buffer, ec);
    received += size;
  }
  had_turn = others_ran;
  CHECK(received == records * record_size);
}

}  // namespace

TEST_CASE("T2: over TLS a peer that always has more to say leaves others their turn") {
  asio::io_context io{1};
  tls_peer peer{[](SSL* ssl) {
    const std::string bytes(record_size, 'x');
    for (std::size_t n = 0; n < records; ++n) SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
  }};
  bool others_ran = false, had_turn = false;

  run_in(io, read_all(io, peer, others_ran, had_turn));

  CHECK(had_turn);
}
