#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "unique_fd.hpp"

namespace daytona::bench {

/// A client as the server sees it, with or without TLS. It blocks: the peers are on this machine and wait for nothing else.
class server_connection {
 public:
  /// `tls` = null: without. The handshake comes with the first `receive`.
  server_connection(unique_fd socket, SSL_CTX* tls);

  /// Appends what has come to `pending`. False at the end of the connection.
  bool receive();
  void send(const std::string& answer);
  /// Whether the handshake took up a former session.
  bool is_resumed() const { return tls_ && SSL_session_reused(tls_.get()) == 1; }

  std::string pending;

 private:
  bool receive_over_tls();

  unique_fd socket_;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_;
};

/// The server's side of TLS, with this certificate and key in PEM form. Not `resumable`: no session is offered for a second use.
std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> server_tls_context(const std::string& certificate, const std::string& key,
                                                                bool resumable);

}  // namespace daytona::bench
