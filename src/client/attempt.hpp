#pragma once

#include <optional>
#include <string>

#include "client/api_call.hpp"

namespace daytona::inline v0::detail {

/// One attempt of a request and what came of it.
struct attempt {
  attempt(const client_core& core, const api_request& request, unsigned count)
      : base(request.toolbox ? *request.toolbox : core.api),
        number(count),
        reader({core.settings.max_response_header, core.settings.max_response_body}) {}

  const protocol::base_url& base;
  unsigned number;  ///< Counts from 1.
  protocol::response_reader reader;
  net::steady_time began{};

  std::optional<errc> failure;  ///< No usable answer.
  net::error_code cause;
  std::string what;  ///< For the message, if there is more to tell than the code says.
  phase where = phase::none;
  std::optional<unsigned> proxy_status;  ///< Of the proxy that opened no tunnel.
  bool request_sent = false;
  bool reused_connection = false;
};

}  // namespace daytona::inline v0::detail
