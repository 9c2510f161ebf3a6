#include "server_connection.hpp"

#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <stdexcept>

#include "system_error.hpp"

namespace daytona::bench {

namespace {

constexpr std::size_t block = 16384;
constexpr timeval patience{10, 0};  // of a client that stops in the middle of a handshake

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(std::string("the server's TLS: ") + what);
}

std::unique_ptr<BIO, int (*)(BIO*)> reader_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

}  // namespace

server_connection::server_connection(unique_fd socket, SSL_CTX* tls)
    : socket_(std::move(socket)), tls_(nullptr, SSL_free) {
  if (tls == nullptr) return;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  tls_.reset(SSL_new(tls));
  SSL_set_fd(tls_.get(), socket_.get());
  SSL_set_accept_state(tls_.get());
}

bool server_connection::receive() {
  if (tls_) return receive_over_tls();
  std::array<char, block> bytes;
  const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (size <= 0) return false;
  pending.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

bool server_connection::receive_over_tls() {
  if (SSL_is_init_finished(tls_.get()) == 0) return SSL_do_handshake(tls_.get()) == 1;
  std::array<char, block> bytes;
  do {
    const int size = SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (size <= 0) return false;
    pending.append(bytes.data(), static_cast<std::size_t>(size));
  } while (SSL_pending(tls_.get()) > 0);
  return true;
}

void server_connection::send(const std::string& answer) {
  if (tls_)
    SSL_write(tls_.get(), answer.data(), static_cast<int>(answer.size()));
  else
    checked(::send(socket_.get(), answer.data(), answer.size(), MSG_NOSIGNAL), "send");
}

std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> server_tls_context(const std::string& certificate, const std::string& key,
                                                                bool resumable) {
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  const std::unique_ptr<X509, void (*)(X509*)> own{
      PEM_read_bio_X509(reader_of(certificate).get(), nullptr, nullptr, nullptr), X509_free};
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> secret{
      PEM_read_bio_PrivateKey(reader_of(key).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  require(SSL_CTX_use_certificate(context.get(), own.get()) == 1, "its certificate can't be used");
  require(SSL_CTX_use_PrivateKey(context.get(), secret.get()) == 1, "its key can't be used");
  if (!resumable) {
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context.get(), 0);
  }
  return context;
}

}  // namespace daytona::bench
