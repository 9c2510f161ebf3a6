#pragma once

#include <daytona/client.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"
#include "kit/scripted_server.hpp"

namespace daytona::test {

/// The real client, with real sockets on loopback. At its end the server saw no surprise, and no descriptor is left.
class tcp_fixture : public fixture {
 public:
  explicit tcp_fixture(server_options options = {});
  ~tcp_fixture();

  scripted_server& server() { return *server_; }
  /// Settings for this server, by this name of it. `port` is the server's own unless something stands in front of it.
  config settings(std::string_view scheme = "http", std::string_view host = "127.0.0.1", std::uint16_t port = 0);
  /// The client of these settings; of the first that were given.
  daytona::client& client(const config& settings);
  daytona::client& client() { return client(settings()); }
  outcome<sandbox> get() { return run(client().get("x")); }
  outcome<sandbox> get(const config& settings) { return run(client(settings).get("x")); }

 private:
  std::optional<scripted_server> server_;
  std::optional<daytona::client> client_;
};

/// What went wrong, if anything did.
std::string told(const outcome<sandbox>& end);

}  // namespace daytona::test
