#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>

#include "local/http/exchange.hpp"

namespace daytona::local {

/// Copies bytes both ways until both sides have ended, or one has failed, or has taken nothing for the left one's
/// `write_timeout`. What is left over of a side goes to the other first. Once one side has ended, the other may go on for `rest`; absent = as long as it
/// likes.
boost::asio::awaitable<void> pipe(http::raw_stream left, http::raw_stream right,
                                  std::optional<std::chrono::milliseconds> rest = std::nullopt);

}  // namespace daytona::local
