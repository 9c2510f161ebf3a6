#pragma once

#include <daytona/config.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "net/origin.hpp"
#include "net/resolver.hpp"
#include "net/socket_stream.hpp"
#include "net/tls_context.hpp"
#include "protocol/proxy.hpp"

namespace daytona::net {

/// Why no connection came about.
struct connect_failure {
  errc code = errc::connection_failed;
  error_code cause;
  std::string what;                      ///< For the message: "certificate of example.com:443 refused: …".
  std::optional<unsigned> proxy_status;  ///< What the proxy answered, if it was that.
};

/// Makes connections. An interface, so that tests can hand out scripted ones.
class connector {
 public:
  virtual ~connector() = default;
  /// A stream that is ready for HTTP, or nothing and `failure`. If `op` was stopped, `failure.cause` is
  /// `operation_aborted`; if only the time for connecting is up, `failure.code` is `errc::timeout` and `op` may go on.
  virtual awaitable<std::unique_ptr<stream>> connect(operation& op, origin where, connect_failure& failure) = 0;
  /// TLS sessions that were resumed so far, with servers and proxies. Any thread.
  virtual std::uint64_t resumed_sessions() const { return 0; }
};

/// Connects over TCP: directly or by a proxy's tunnel, address after address, with TLS where the origin asks for it.
class tcp_connector final : public connector {
 public:
  /// Throws `errc::invalid_argument` if a proxy's URL can't be read. `lookup` is the system's unless a test gives its own.
  explicit tcp_connector(const config& configuration, name_lookup lookup = system_lookup);
  awaitable<std::unique_ptr<stream>> connect(operation& op, origin where, connect_failure& failure) override;
  std::uint64_t resumed_sessions() const override { return tls_.resumed() + proxy_tls_.resumed(); }

 private:
  /// A `tls_context` that is made when it is first needed. Any thread.
  class lazy_tls {
   public:
    explicit lazy_tls(tls_options options) : options_(std::move(options)) {}
    std::shared_ptr<tls_context> get();
    std::uint64_t resumed() const;

   private:
    tls_options options_;
    mutable std::mutex mutex_;
    std::shared_ptr<tls_context> made_;
  };

  awaitable<std::unique_ptr<stream>> connect_in_time(operation& op, origin where, connect_failure& failure);
  awaitable<std::optional<stream_socket>> reach(operation& op, const origin& where, connect_failure& failure);
  awaitable<std::unique_ptr<stream>> connect_by(const protocol::proxy_address& proxy, operation& op,
                                                const origin& where, connect_failure& failure);

  std::chrono::milliseconds timeout_, delay_;
  protocol::proxy_rules proxies_;
  lazy_tls tls_, proxy_tls_;
  resolver resolver_;
};

}  // namespace daytona::net
