#include <daytona/client.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace asio = boost::asio;

// snippet: errors
asio::awaitable<void> build(daytona::sandbox sandbox) try {
  daytona::execute_response made = co_await sandbox.process().exec("make");
  fmt::print("make ended with {}\n", made.exit_code);  // a command that fails is a result, not an error
} catch (const daytona::timeout_error& late) {
  fmt::print("{} while {}\n", late.what(), to_string(late.phase()));
} catch (const daytona::error& failure) {
  fmt::print("{}{}\n", failure.what(), is_transient(failure) ? " (may work later)" : "");
}
// end

void build_until_stopped(asio::io_context& io, daytona::sandbox sandbox, asio::cancellation_signal& stop) {
  // snippet: cancellation
  asio::co_spawn(io, build(sandbox), asio::bind_cancellation_slot(stop.slot(), asio::detached));
  // end
}
