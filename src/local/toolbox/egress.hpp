#pragma once

#include <boost/asio/awaitable.hpp>

namespace daytona::local::toolbox {

/// Accepts on 127.0.0.1:3128 and hands each connection to the control plane over `channel`. Ends only by cancellation, or if it can't listen.
boost::asio::awaitable<void> hand_out_connections(int channel);

}  // namespace daytona::local::toolbox
