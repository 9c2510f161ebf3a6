#include "client/shielded.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace daytona::inline v0::detail {

namespace asio = boost::asio;

asio::awaitable<void> shielded(asio::awaitable<void> step) {
  auto executor = co_await asio::this_coro::executor;
  auto unreachable = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  co_await asio::co_spawn(executor, std::move(step), unreachable);
}

}  // namespace daytona::inline v0::detail
