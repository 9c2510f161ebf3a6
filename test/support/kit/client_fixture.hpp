#pragma once

#include <daytona/client.hpp>

#include <memory>
#include <optional>
#include <string>

#include "kit/connect_proxy.hpp"
#include "kit/fixture.hpp"
#include "kit/script_server.hpp"
#include "kit/scripted_connector.hpp"
#include "net/connection_pool.hpp"

namespace daytona::test {

inline constexpr std::string_view toolbox_url = "http://daytona.test/toolbox";
/// A sandbox as a server tells it, in this state. `more_members` begins with a comma.
std::string sandbox_json(std::string_view state, std::string_view more_members = {},
                         std::string_view toolbox = toolbox_url);
inline constexpr std::string_view sandbox_id = "5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59";

/// How a peer that follows a script is reached: in memory, or through real sockets; then also through the tunnel of a proxy that takes steps itself.
/// Through sockets, its name or that of the proxy is looked up, which is a step too.
enum class reached_by { memory, tcp, tls, tcp_by_proxy, tls_by_proxy, tcp_by_tls_proxy, tls_by_tls_proxy };

bool is_by_proxy(reached_by way) noexcept;

/// A client whose peer follows a script. At its end the script has been played to its end, without a surprise, and no connection is left.
class client_fixture : public fixture {
 public:
  explicit client_fixture(config settings = default_config(), reached_by way = reached_by::memory);
  ~client_fixture();

  static config default_config();
  test::script& script() { return *script_; }
  daytona::client& client() { return *client_; }
  /// A handle of a sandbox, got without a request that the test sees.
  daytona::sandbox sandbox(std::string_view state = "started", std::string_view toolbox = toolbox_url);
  daytona::sandbox sandbox_of(const std::string& id, std::string_view state);
  /// Names whose look-up hangs are found now, if it is not too late.
  void let_names_go();
  /// What the client's pool holds now.
  net::connection_pool::figures pool();

 private:
  std::shared_ptr<net::connector> connector_to(config& settings, reached_by way);
  net::origin lead_by_proxy(config& settings, bool tls, bool tls_to_proxy);

  std::shared_ptr<test::script> script_;
  std::unique_ptr<scripted_names> names_;
  std::optional<script_server> server_;
  std::optional<connect_proxy> proxy_;
  std::shared_ptr<v0::detail::client_core> core_;
  std::optional<daytona::client> client_;
};

}  // namespace daytona::test
