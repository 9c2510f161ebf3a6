#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// The connections of a client at one moment, in all the contexts it was used in: for dashboards, and to choose limits by.
struct DAYTONA_API pool_figures {
  pool_figures();

  struct DAYTONA_API of_origin {
    of_origin();
    std::size_t connections = 0;  ///< In use, idle and being made. Limit: `config::max_connections_per_origin`.
    std::size_t idle = 0;         ///< Kept for the next call. Limit: `config::max_idle_per_origin`.
    std::size_t connecting = 0;   ///< Being made. Limit: `config::max_connecting`.
    std::size_t waiting = 0;      ///< Calls that wait for a connection. Limit: `config::max_waiting_calls_per_origin`.
  };

  /// By scheme, host and port ("https://app.daytona.io:443"): the servers that were asked for so far, in contexts that are still there.
  std::map<std::string, of_origin> origins;
  std::size_t streams = 0;                 ///< WebSockets open now: they are not among the connections.
  std::uint64_t opened = 0;                ///< Connections made since the client was.
  std::uint64_t reused = 0;                ///< Calls since then that found a connection that had served another.
  std::uint64_t resumed_tls_sessions = 0;  ///< Connections among `opened` that went on with an earlier TLS session.
};

}  // namespace daytona::inline v0
