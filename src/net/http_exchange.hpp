#pragma once

#include <daytona/error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.hpp"
#include "protocol/http_response.hpp"

namespace daytona::net {

/// Memory that an exchange borrows: the request is put together in `out`, from its head on, the answer read through `in`.
struct exchange_buffers {
  std::string out;
  std::vector<char> in;
};

/// How an exchange went. Without `failure` the answer is complete, whatever its status.
struct exchange_outcome {
  std::optional<errc> failure;
  error_code cause;
  bool request_sent = false;  ///< At least one byte left: the peer may have acted on it.
  bool keep_alive = false;    ///< The connection is ready for another exchange.
  std::string excess;         ///< What came behind an answer 101: the first bytes of the other protocol.
};

/// One request and its answer over `io`, which is waited for as `awaited`. `buffers.out` holds the head: request line and fields, with the empty line. Interim answers are passed over; bytes behind the answer make it a failure, as they show that its length is wrong.
awaitable<exchange_outcome> exchange(operation& op, stream& io, exchange_buffers& buffers, std::string_view body,
                                     protocol::response_reader& reader, phase awaited = phase::headers);

}  // namespace daytona::net
