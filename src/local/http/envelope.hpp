#pragma once

#include <string>
#include <string_view>

#include "local/http/http_error.hpp"
#include "local/http/message.hpp"

namespace daytona::local::http {

/// `2026-03-04T05:06:07.008Z`, now.
std::string timestamp_now();

/// An error as the main API sends it: the superset of what its generations send (`path timestamp statusCode error
/// message source code`).
response api_error_answer(const http_error& error, const request_head* head);

/// An error as the toolbox and the proxy in front of it send it; `source` is `DAYTONA_DAEMON` or `DAYTONA_PROXY`.
response daemon_error_answer(const http_error& error, const request_head* head, std::string_view source);

/// The code of an error that names none: `NOT_FOUND` for 404 …
std::string_view generic_code(unsigned status);

}  // namespace daytona::local::http
