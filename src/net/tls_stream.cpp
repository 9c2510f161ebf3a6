#include "net/tls_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

namespace daytona::net {

namespace {

constexpr unsigned max_reads_at_once = 4;  // records of up to 16 KiB

int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto received = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (received < 0 && would_block()) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(received);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

/// Made once and kept: OpenSSL has no owner for it but the process.
BIO_METHOD* descriptor_method() {
  static BIO_METHOD* const method = [] {
    auto* const made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "descriptor without signals");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

/// OpenSSL tells a failure by a queue that must be empty before. That it mostly is costs less to see than to bring about.
void forget_tls_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

/// Lets everything else that can run go first.
awaitable<void> give_way(operation& op, error_code& ec) {
  co_await asio::post(op.executor(), asio::use_awaitable);
  ec.clear();
  if (op.stopped() != stop_cause::none) ec = asio::error::operation_aborted;
}

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max())); }

}  // namespace

tls_stream::tls_stream(stream_socket socket, std::shared_ptr<tls_context> context, const origin& where)
    : socket_(std::move(socket)), context_(std::move(context)), ssl_(context_->open(where)) {
  auto* const bio = BIO_new(descriptor_method());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.native_handle())));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

tls_stream::tls_stream(std::unique_ptr<tls_stream> carrier, std::shared_ptr<tls_context> context, const origin& where)
    : socket_(std::move(carrier->socket_)),
      context_(std::move(context)),
      carrier_(std::move(carrier)),
      ssl_(context_->open(where)) {
  auto* const bio = BIO_new(BIO_f_ssl());
  BIO_set_ssl(bio, carrier_->ssl_.get(), BIO_NOCLOSE);
  SSL_set_bio(ssl_.get(), bio, bio);
}

tls_stream::~tls_stream() {
  // A connection freed without these flags makes its session count as broken, and it could not be resumed.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

awaitable<void> tls_stream::handshake(operation& op, error_code& ec) {
  for (;;) {
    forget_tls_errors();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) break;
    const auto what = wanted(result, ec);
    if (what) co_await wait_for(op, *what, ec);
    if (ec) co_return;
  }
  if (SSL_session_reused(ssl_.get()) == 1) context_->count_resumed();
}

awaitable<std::size_t> tls_stream::read_some(operation& op, asio::mutable_buffer buffer, error_code& ec) {
  // Right behind a request nothing has come yet: the socket need not be asked.
  if (std::exchange(answer_is_due_, false) && !has_buffered()) {
    co_await wait_for(op, stream_socket::wait_read, ec);
    if (ec) co_return 0;
  }
  // OpenSSL asks the socket itself: with a peer that always has more to say nobody else would have a turn, no deadline either.
  if (++reads_at_once_ > max_reads_at_once) {
    reads_at_once_ = 0;
    co_await give_way(op, ec);
    if (ec) co_return 0;
  }
  for (;;) {
    forget_tls_errors();
    const int result = SSL_read(ssl_.get(), buffer.data(), bounded(buffer.size()));
    if (result > 0) {
      ec.clear();
      co_return static_cast<std::size_t>(result);
    }
    const auto what = wanted(result, ec);
    if (what) co_await wait_for(op, *what, ec);
    if (ec) co_return 0;
  }
}

std::size_t tls_stream::read_now(operation&, asio::mutable_buffer buffer, error_code& ec) {
  ec.clear();
  forget_tls_errors();
  const int result = SSL_read(ssl_.get(), buffer.data(), bounded(buffer.size()));
  if (result > 0) return static_cast<std::size_t>(result);
  wanted(result, ec);
  return 0;
}

std::size_t tls_stream::write_now(operation& op, asio::const_buffer bytes, error_code& ec) {
  ec.clear();
  if (op.stopped() != stop_cause::none) {
    ec = asio::error::operation_aborted;
    return 0;
  }
  std::optional<stream_socket::wait_type> later;
  return push(bytes, later, ec);
}

awaitable<std::size_t> tls_stream::write(operation& op, asio::const_buffer bytes, error_code& ec) {
  std::size_t written = 0;
  ec.clear();
  while (!ec && written < bytes.size()) {
    std::optional<stream_socket::wait_type> what;
    written += push(bytes + written, what, ec);
    if (what) co_await wait_for(op, *what, ec);
  }
  co_return written;
}

std::size_t tls_stream::push(asio::const_buffer bytes, std::optional<stream_socket::wait_type>& what, error_code& ec) {
  answer_is_due_ = true;
  forget_tls_errors();
  const int result = SSL_write(ssl_.get(), bytes.data(), bounded(bytes.size()));
  if (result > 0) return static_cast<std::size_t>(result);
  what = wanted(result, ec);
  return 0;
}

bool tls_stream::is_quiet() noexcept {
  if (!has_buffered() && nothing_to_read(socket_.native_handle())) return true;
  // Bytes may be session tickets, which nobody asked for but which are no answer either.
  ERR_clear_error();
  char byte;
  const int result = SSL_peek(ssl_.get(), &byte, 1);
  const bool quiet = result <= 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  return quiet;
}

void tls_stream::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

void tls_stream::cancel() noexcept {
  error_code ignored;
  socket_.cancel(ignored);
}

std::string tls_stream::verification_failure() const {
  const long result = SSL_get_verify_result(ssl_.get());
  const bool is_accepted = result == X509_V_OK || SSL_get_verify_mode(ssl_.get()) == SSL_VERIFY_NONE;
  return is_accepted ? std::string() : std::string(X509_verify_cert_error_string(result));
}

bool tls_stream::has_buffered() const noexcept {
  return SSL_has_pending(ssl_.get()) == 1 || (carrier_ && carrier_->has_buffered());
}

awaitable<void> tls_stream::wait_for(operation& op, stream_socket::wait_type what, error_code& ec) {
  reads_at_once_ = 0;
  const operation::waiting waiting{op, *this, ec};
  if (ec) co_return;
  auto ready = socket_.async_wait(what, asio::as_tuple(asio::deferred));
  const auto [failure] = co_await std::move(ready);
  ec = failure;
}

std::optional<stream_socket::wait_type> tls_stream::wanted(int result, error_code& ec) const noexcept {
  const int system_error = errno;
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_WANT_READ) return stream_socket::wait_read;
  if (reason == SSL_ERROR_WANT_WRITE) return stream_socket::wait_write;
  if (reason == SSL_ERROR_ZERO_RETURN)
    ec = asio::error::eof;
  else if (reason == SSL_ERROR_SYSCALL && system_error != 0)
    ec = error_code(system_error, boost::system::system_category());
  else if (reason == SSL_ERROR_SYSCALL || ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    ec = asio::ssl::error::stream_truncated;
  else
    ec = last_tls_error();
  ERR_clear_error();
  return std::nullopt;
}

}  // namespace daytona::net
