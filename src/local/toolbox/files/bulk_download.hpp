#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "local/http/exchange.hpp"

namespace daytona::local::toolbox {

/// `POST /files/bulk-download`: a form with a part for each path, in their order: the file, or why it can't be sent. If one can't be read to its end the
/// form ends without its last boundary.
boost::asio::awaitable<void> download_files(http::exchange& exchange, std::vector<std::string> paths);

}  // namespace daytona::local::toolbox
