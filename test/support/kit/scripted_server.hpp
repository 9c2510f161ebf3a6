#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
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

/// A peer on loopback TCP that follows a script, in the io_context of the test.
class scripted_server {
 public:
  /// With `identity` it speaks TLS. With `mute` it accepts connections and never says a word.
  explicit scripted_server(asio::io_context& io, std::optional<tls_identity> identity = {}, bool mute = false);
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
    std::size_t resumed = 0;  ///< TLS sessions that were resumed.
  };
  const record& seen() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace daytona::test
