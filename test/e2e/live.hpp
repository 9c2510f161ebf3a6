#pragma once

#include <daytona/daytona.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <string>

namespace daytona::test {

namespace asio = boost::asio;

/// Whether the backend under test is the local one, in this mode ("shifted", "userns", "none"); empty for another Daytona.
std::string isolation_mode();
bool is_local();

/// A client of the server that the environment names.
client live_client();

/// Runs `work` on an io_context of its own and passes on what it throws.
void run_live(asio::awaitable<void> work);

/// Runs `body` with a fresh sandbox, and removes it.
void in_sandbox(const std::function<asio::awaitable<void>(sandbox)>& body,
                create_from_snapshot_params params = create_from_snapshot_params());

}  // namespace daytona::test
