#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/api_call.hpp"

namespace daytona::inline v0::detail {

/// Where redirects of the server have led a request.
struct redirection {
  std::string target;   ///< Path and query instead of the request's own. Empty = not redirected.
  bool as_get = false;  ///< Sent as GET, without the body.
  unsigned count = 0;
};

/// One attempt of a request and what came of it.
struct attempt {
  attempt(const client_core& core, const api_request& request, const redirection& led, unsigned count)
      : base(request.toolbox ? *request.toolbox : core.api),
        moved(led),
        number(count),
        reader({core.settings.max_response_header, core.settings.max_response_body}) {}

  const protocol::base_url& base;
  const redirection& moved;
  unsigned number;  ///< Counts from 1.
  protocol::response_reader reader;
  net::steady_time began{};

  std::string renewed_token;    ///< From `config::jwt_provider`, for this attempt.
  std::string_view credential;  ///< What was sent as such: not to be shown, even if the peer sends it back.

  std::string web_socket_key;  ///< Of a request for a WebSocket.

  std::optional<errc> failure;  ///< No usable answer.
  net::error_code cause;
  std::string what;  ///< For the message, if there is more to tell than the code says.
  phase where = phase::none;
  std::optional<unsigned> proxy_status;  ///< Of the proxy that opened no tunnel.
  bool request_sent = false;
  bool reused_connection = false;

  std::string_view verb_of(const api_request& request) const noexcept { return moved.as_get ? "GET" : request.verb; }
  /// Path and query as they are sent.
  void append_target(std::string& text, const api_request& request) const;
  /// Method and URL without its query, for people.
  std::string url_of(const api_request& request) const;
};

/// Takes `credential` out of `text`: a peer that sends it back must not bring it into errors and logs.
void redact(std::string& text, std::string_view credential);

/// What is known of `result`, for an error about it.
error_details details_of(const api_request& request, attempt& result);

/// Throws why `result` is no answer that the caller can use.
[[noreturn]] void throw_failure(const net::operation& op, const api_request& request, attempt& result);

/// After a redirect: lets `moved` say where to go on, or throws why not.
void follow(const api_request& request, attempt& result, redirection& moved);
/// Throws if the redirects led to a page for people instead of an answer.
void refuse_page(const api_request& request, attempt& result);

}  // namespace daytona::inline v0::detail
