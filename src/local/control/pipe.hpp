#pragma once

#include <boost/asio/awaitable.hpp>

#include "local/http/exchange.hpp"

namespace daytona::local {

/// Copies bytes both ways until both sides have ended, or one has failed, or has taken nothing for the left one's
/// `write_timeout`. What is left over of a side goes to the other first.
boost::asio::awaitable<void> pipe(http::raw_stream left, http::raw_stream right);

}  // namespace daytona::local
