#pragma once

#include <daytona/config.hpp>

#include <memory>
#include <mutex>
#include <string>

#include "net/origin.hpp"
#include "net/resolver.hpp"
#include "net/socket_stream.hpp"
#include "net/tls_context.hpp"

namespace daytona::net {

/// Why no connection came about.
struct connect_failure {
  errc code = errc::connection_failed;
  error_code cause;
  std::string what;  ///< For the message: "certificate of example.com:443 refused: …".
};

/// Makes connections. An interface, so that tests can hand out scripted ones.
class connector {
 public:
  virtual ~connector() = default;
  /// A stream that is ready for HTTP, or nothing and `failure`. If `op` was stopped, `failure.cause` is
  /// `operation_aborted`; if only the time for connecting is up, `failure.code` is `errc::timeout` and `op` may go on.
  virtual awaitable<std::unique_ptr<stream>> connect(operation& op, origin where, connect_failure& failure) = 0;
};

/// Connects over TCP, with TLS where the origin asks for it, address after address.
class tcp_connector final : public connector {
 public:
  explicit tcp_connector(const config& configuration);
  awaitable<std::unique_ptr<stream>> connect(operation& op, origin where, connect_failure& failure) override;

 private:
  awaitable<std::unique_ptr<stream>> connect_in_time(operation& op, origin where, connect_failure& failure);
  awaitable<std::unique_ptr<stream>> secure(operation& op, stream_socket socket, const origin& where,
                                            connect_failure& failure);
  std::shared_ptr<tls_context> tls();

  tls_options tls_options_;
  std::chrono::milliseconds timeout_;
  resolver resolver_;
  std::mutex mutex_;
  std::shared_ptr<tls_context> tls_;
};

}  // namespace daytona::net
