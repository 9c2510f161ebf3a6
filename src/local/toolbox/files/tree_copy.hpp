#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "local/toolbox/files/turns.hpp"

namespace daytona::local::toolbox {

/// Copies a file, a link, a FIFO or a folder with all below it to where nothing is, with modes and times. Throws `http_error` 400; what it made by then stays.
boost::asio::awaitable<void> copy_tree(std::string source, std::string destination, turns& others);

}  // namespace daytona::local::toolbox
