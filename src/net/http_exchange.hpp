#pragma once

#include <daytona/error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.hpp"
#include "protocol/http_response.hpp"

namespace daytona::net {

/// Memory that an exchange borrows: the request is put together in `out`, the answer read through `in`.
struct exchange_buffers {
  std::string out;
  std::vector<char> in;
};

struct http_request {
  std::string head;  ///< Request line and fields, with the empty line.
  std::string_view body;
};

/// How an exchange went. Without `failure` the answer is complete, whatever its status.
struct exchange_outcome {
  std::optional<errc> failure;
  error_code cause;
  bool request_sent = false;  ///< At least one byte left: the peer may have acted on it.
  bool keep_alive = false;    ///< The connection is ready for another exchange.
};

/// One request and its answer over `io`. Interim answers are passed over; bytes behind the answer make it a failure, as they show that its length is wrong.
awaitable<exchange_outcome> exchange(operation& op, stream& io, exchange_buffers& buffers, const http_request& request,
                                     protocol::response_reader& reader);

}  // namespace daytona::net
