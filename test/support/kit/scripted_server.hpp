#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kit/certificates.hpp"
#include "kit/fixture.hpp"

namespace daytona::test {

/// What the server does once it has a whole request.
struct server_reply {
  enum class ending { keep, close, reset };

  std::string expected;  ///< How the request must begin.
  std::string bytes;
  std::size_t piece = 0;              ///< Bytes a write; 0 = all.
  std::chrono::nanoseconds delay{0};  ///< Before the bytes, by the clock moved by hand.
  ending then = ending::keep;
};

struct server_options {
  server_options() = default;
  /// TLS with this certificate.
  server_options(tls_identity own) : identity(std::move(own)) {}  // NOLINT(google-explicit-constructor)

  std::optional<tls_identity> identity;  ///< It speaks TLS.
  std::string client_authority;  ///< PEM; it demands a client's certificate of this authority. Empty = it demands none.
  int max_tls_version = 0;       ///< As OpenSSL counts; 0 = the newest.
  bool mute = false;             ///< It accepts connections and never says a word.
  bool v6 = false;               ///< It is at ::1.
  std::uint16_t port = 0;        ///< 0 = one that is free.
};

/// A peer on loopback TCP that follows a script, in the io_context of the test.
class scripted_server {
 public:
  explicit scripted_server(asio::io_context& io, server_options options = {});
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const;
  scripted_server& reply(std::string expected, unsigned status, std::string_view body);
  scripted_server& reply(server_reply next);
  /// Closes everything.
  void stop();

  struct record {
    std::vector<std::string> requests, problems;
    std::size_t connections = 0;
    std::size_t resumed = 0;                ///< TLS sessions that were resumed.
    std::vector<std::string> server_names;  ///< What each TLS client asked for (SNI); empty if for nothing.
  };
  const record& seen() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace daytona::test
