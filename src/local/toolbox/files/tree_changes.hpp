#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "local/toolbox/files/turns.hpp"

namespace daytona::local::toolbox {

/// Removes the file at `path`, and a folder, if `recursive`, with all below it. A link is removed itself. Throws `http_error`.
boost::asio::awaitable<void> remove_file(std::string path, bool recursive, turns& others);

/// Moves a file or a folder to where nothing is yet: by renaming, or, to another file system, by copying. Text for the answer if it was copied and the source can't
/// be removed; else empty. Throws `http_error`; then the source is as it was, and nothing is at the destination.
boost::asio::awaitable<std::string> move_file(std::string source, std::string destination, turns& others);

}  // namespace daytona::local::toolbox
