#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "local/toolbox/files/turns.hpp"
#include "local/toolbox/piecewise_answer.hpp"

namespace daytona::local::toolbox {

/// Appends, as a JSON array, the lines with `text` in the file at `path`, or in the files below the folder there. Passed over is what can't be read, is empty or no
/// regular file, has a NUL among its first 512 bytes, and what follows a line of 64 KiB or more in its file.
boost::asio::awaitable<void> find_text(piecewise_answer& answer, std::string path, std::string text, turns& others);

/// Appends, as a JSON array, the paths of the files and folders from `path` on downwards whose name `pattern` matches; none if it is malformed.
boost::asio::awaitable<void> find_names(piecewise_answer& answer, std::string path, std::string pattern, turns& others);

}  // namespace daytona::local::toolbox
