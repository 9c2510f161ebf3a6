#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "local/http/exchange.hpp"

namespace daytona::local::toolbox {

/// `GET /files/download?path=`: a file, or the parts of it that a `Range` field asks for. Throws `http_error`.
boost::asio::awaitable<void> download_file(http::exchange& exchange);

}  // namespace daytona::local::toolbox
