#pragma once

#include <daytona/config.hpp>

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "net/operation.hpp"
#include "net/origin.hpp"

namespace daytona::net {

/// Trust, identity and session tickets of one client. Made when the first TLS connection is, since loading the system's roots takes tens of milliseconds.
class tls_context {
 public:
  /// Throws `daytona::error` (`errc::tls_failed`) naming the file that can't be used.
  explicit tls_context(const tls_options& options);

  /// A TLS end for a connection to `where`, with its name checked, and a former session offered. Throws like the constructor if that can't be checked.
  std::unique_ptr<SSL, void (*)(SSL*)> open(const origin& where);
  /// Keeps the session of a connection for the next one. Called by OpenSSL when a ticket comes.
  void remember(const std::string& key, SSL_SESSION* session);
  /// Sessions that were resumed so far. Any thread.
  std::uint64_t resumed() const noexcept { return resumed_.load(std::memory_order_relaxed); }
  void count_resumed() noexcept { resumed_.fetch_add(1, std::memory_order_relaxed); }

 private:
  struct session_deleter {
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
  };
  struct context_deleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };

  std::unique_ptr<SSL_CTX, context_deleter> context_;
  bool verify_;
  std::atomic<std::uint64_t> resumed_{0};
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<SSL_SESSION, session_deleter>> sessions_;
};

/// OpenSSL's errors of this thread as an error code; the queue is empty afterwards.
error_code last_tls_error() noexcept;

/// What to do about a peer that ended TLS with `ec`, if that is, or may be, because of this client's certificate or its absence; else empty. With TLS 1.3
/// such an end comes only where an answer is awaited.
std::string_view certificate_remedy(const error_code& ec) noexcept;

}  // namespace daytona::net
