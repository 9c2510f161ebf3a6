#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "local/http/exchange.hpp"
#include "local/http/message.hpp"

namespace daytona::local {

/// How a request is passed on.
struct forward_request {
  forward_request() {}
  std::string target;                                     ///< For the upstream's request line.
  http::header_fields headers;                            ///< To send; hop-by-hop ones are left out.
  std::function<void(http::header_fields&)> edit_answer;  ///< May change the answer's header. Empty = nothing.
};

/// How it went.
struct forward_outcome {
  bool answered = false;  ///< False: no answer began, and the caller has to answer.
  std::string_view failure = "it closed the connection without an answer";  ///< Why not.
  bool reusable = false;  ///< The upstream's connection is ready for another exchange.
};

/// Sends the client's request over `upstream` and its answer back, streaming both ways at once; an upgrade that the
/// upstream accepts becomes a pipe. A client that goes away ends the upstream's connection. An upstream that breaks
/// within its answer breaks the client's connection.
///
/// The request is written anew from what was read of it, so that the upstream can cut it in no other way; what belongs
/// to the client's connection alone stays behind, the fields that `Connection` names too.
boost::asio::awaitable<forward_outcome> forward(http::exchange& client, std::shared_ptr<http::stream_socket> upstream,
                                                forward_request request);

}  // namespace daytona::local
