#pragma once

#include <boost/asio/awaitable.hpp>

namespace daytona::inline v0::detail {

/// Runs `step` to its end out of reach of the caller's cancellation, also if that has come already; the caller's `throw_if_cancelled` is left as it was.
/// `step` is bounded by a deadline of its own.
boost::asio::awaitable<void> shielded(boost::asio::awaitable<void> step);

}  // namespace daytona::inline v0::detail
