#pragma once

#include "net/connector.hpp"
#include "net/origin.hpp"
#include "net/stream.hpp"
#include "protocol/proxy.hpp"

namespace daytona::net {

/// Asks the proxy at the other end of `io` for a tunnel to `target` (CONNECT). True: from here on `io` carries the target's bytes.
/// False: `failure` says why, with the proxy's status if it gave one.
awaitable<bool> open_tunnel(operation& op, stream& io, const origin& target, const protocol::proxy_address& proxy,
                            connect_failure& failure);

}  // namespace daytona::net
