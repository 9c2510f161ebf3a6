#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/operation.hpp"
#include "net/socket_stream.hpp"

namespace daytona::net {

/// How long an attempt to connect is alone before the next one joins it, unless it is said (RFC 8305, section 5).
constexpr std::chrono::milliseconds attempt_delay{250};

/// Why no address could be connected to.
struct dial_failure {
  error_code cause;  ///< Of the last attempt; `operation_aborted` if the operation was stopped.
  std::string what;  ///< Of all attempts, if there were several: "192.0.2.7:443: refused, …".
};

/// Connects to one of `addresses`. They are tried in their order, but one family after the other in turn; each has `delay` before the next joins, or
/// less if it fails. The first to connect wins, and the others are closed (Happy Eyeballs, RFC 8305).
awaitable<std::optional<stream_socket>> dial(operation& op, std::vector<asio::ip::address> addresses,
                                             std::uint16_t port, std::chrono::milliseconds delay,
                                             dial_failure& failure);

/// `addresses` with their families in turn, beginning with that of the first, and else in their order.
std::vector<asio::ip::address> interleaved(const std::vector<asio::ip::address>& addresses);

}  // namespace daytona::net
