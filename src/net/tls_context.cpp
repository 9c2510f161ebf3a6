#include "net/tls_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>

#include <string_view>
#include <utility>

namespace daytona::net {

namespace {

constexpr std::size_t max_sessions = 256;

/// The `tls_context` and the session key of a connection travel with it as application data.
struct session_owner {
  tls_context* context;
  std::string key;
};

void free_owner(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<session_owner*>(data); }

int owner_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_owner);
  return index;
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
  const auto* owner = static_cast<session_owner*>(SSL_get_ex_data(ssl, owner_index()));
  if (owner == nullptr) return 0;
  owner->context->remember(owner->key, session);
  return 1;
}

[[noreturn]] void refuse(std::string_view what, const std::string& name, std::string_view remedy) {
  error_details details;
  details.cause = last_tls_error();
  details.phase = phase::tls;
  const auto text = fmt::format("TLS: {} '{}' can't be used: {}; {}", what, name, details.cause.message(), remedy);
  throw connection_error(errc::tls_failed, text, std::move(details));
}

void trust_pem(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> text{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  auto* const store = SSL_CTX_get_cert_store(context);
  std::size_t count = 0;
  while (auto* const certificate = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
    ++count;
  }
  const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (count == 0 || !is_at_end) refuse("the text of", "tls.ca_pem", "give certificates in PEM form");
  ERR_clear_error();
}

void load_trust(SSL_CTX* context, const tls_options& options) {
  if (options.ca_file.empty() && options.ca_pem.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  if (!options.ca_file.empty() && SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1)
    refuse("the file tls.ca_file", options.ca_file, "give a readable file of certificates in PEM form");
  if (!options.ca_pem.empty()) trust_pem(context, options.ca_pem);
}

void load_identity(SSL_CTX* context, const tls_options& options) {
  if (options.certificate_file.empty()) return;
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
    refuse("the file tls.certificate_file", options.certificate_file, "give a readable certificate chain in PEM form");
  const auto& key = options.private_key_file.empty() ? options.certificate_file : options.private_key_file;
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    refuse("the private key in", key, "give the key that belongs to tls.certificate_file, in PEM form");
}

bool is_address(const std::string& host) {
  error_code ec;
  asio::ip::make_address(host, ec);
  return !ec;
}

/// Has the peer's certificate compared with `host`, and asks for it by its name if it has one.
void expect_host(SSL* ssl, const std::string& host, bool verify) {
  bool is_checked = true;
  if (is_address(host)) {
    if (verify) is_checked = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    if (verify) is_checked = SSL_set1_host(ssl, host.c_str()) == 1;
  }
  if (!is_checked) refuse("the host", host, "use a name or an address that a certificate can be for");
}

}  // namespace

tls_context::tls_context(const tls_options& options)
    : context_(SSL_CTX_new(TLS_client_method())), verify_(!options.insecure_skip_verification) {
  auto* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);  // a record in one system call, not one for its header and one for the rest
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  if (verify_) load_trust(context, options);
  load_identity(context, options);
}

std::unique_ptr<SSL, void (*)(SSL*)> tls_context::open(const origin& where) {
  std::unique_ptr<SSL, void (*)(SSL*)> ssl{SSL_new(context_.get()), SSL_free};
  SSL_set_connect_state(ssl.get());
  auto key = fmt::format("{}:{}", where.host, where.port);

  expect_host(ssl.get(), where.host, verify_);
  SSL_set_verify(ssl.get(), verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);

  {
    const std::lock_guard lock{mutex_};
    const auto found = sessions_.find(key);
    if (found != sessions_.end()) SSL_set_session(ssl.get(), found->second.get());
  }
  SSL_set_ex_data(ssl.get(), owner_index(), new session_owner{this, std::move(key)});
  return ssl;
}

void tls_context::remember(const std::string& key, SSL_SESSION* session) {
  const std::lock_guard lock{mutex_};
  if (sessions_.size() >= max_sessions && !sessions_.contains(key)) sessions_.erase(sessions_.begin());
  sessions_[key].reset(session);
}

std::string_view certificate_remedy(const error_code& ec) noexcept {
  if (ec.category() != asio::error::get_ssl_category()) return {};
  switch (ERR_GET_REASON(static_cast<unsigned long>(ec.value()))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // TLS 1.2 knows no other word for it
      return "if it demands a client's certificate, set tls.certificate_file";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
      return "it did not accept the certificate in tls.certificate_file";
    default:
      return {};
  }
}

error_code last_tls_error() noexcept {
  const auto number = ERR_get_error();
  ERR_clear_error();
  return {static_cast<int>(number), asio::error::get_ssl_category()};
}

}  // namespace daytona::net
