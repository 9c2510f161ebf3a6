#pragma once

#include <boost/asio/awaitable.hpp>

#include "local/http/byte_budget.hpp"
#include "local/http/exchange.hpp"

namespace daytona::local::toolbox {

/// `POST /files/bulk-upload`: a form with pairs of a path and a file, of which each succeeds or fails by itself. What is told of them at the end
/// comes out of `memory`. Throws `http_error`.
boost::asio::awaitable<void> upload_files(http::exchange& exchange, http::budget_ptr memory);
/// `POST /files/upload?path=`: a form with one file.
boost::asio::awaitable<void> upload_form_file(http::exchange& exchange);
/// `POST /files/upload-v2?path=`: a form with one file, or the file itself.
boost::asio::awaitable<void> upload_file(http::exchange& exchange);

}  // namespace daytona::local::toolbox
