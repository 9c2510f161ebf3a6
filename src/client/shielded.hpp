#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace daytona::inline v0::detail {

/// How long a sandbox's removal may take that nobody can cancel any more.
inline constexpr std::chrono::seconds removal_limit{10};

/// Runs `step` to its end out of reach of the caller's cancellation. `step` is bounded by a deadline of its own. Whoever awaits it has switched
/// `throw_if_cancelled` off: a cancellation that came before would else end it before it began.
boost::asio::awaitable<void> shielded(boost::asio::awaitable<void> step);

}  // namespace daytona::inline v0::detail
