#include <daytona/with_sandbox.hpp>

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

#include "client/shielded.hpp"

namespace daytona::inline v0 {

namespace detail {

namespace asio = boost::asio;

boost::asio::awaitable<void> run_with_sandbox(boost::asio::awaitable<sandbox> created,
                                              std::function<boost::asio::awaitable<void>(sandbox)> body) {
  auto target = co_await std::move(created);
  std::exception_ptr failure;
  try {
    co_await body(target);
  } catch (...) {
    failure = std::current_exception();
  }

  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  remove_options options;
  options.timeout = removal_limit;
  auto removal = target.remove(options);
  try {
    co_await shielded(std::move(removal));
  } catch (...) {
    if (!failure) failure = std::current_exception();  // what went wrong first is what is told
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail

}  // namespace daytona::inline v0
