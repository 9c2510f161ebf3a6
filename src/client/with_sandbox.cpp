#include <daytona/with_sandbox.hpp>

#include <chrono>
#include <exception>
#include <utility>

#include "client/shielded.hpp"

namespace daytona::inline v0 {

namespace detail {

namespace {

constexpr std::chrono::seconds removal_limit{10};

}  // namespace

boost::asio::awaitable<void> run_with_sandbox(boost::asio::awaitable<sandbox> created,
                                              std::function<boost::asio::awaitable<void>(sandbox)> body) {
  auto target = co_await std::move(created);
  std::exception_ptr failure;
  try {
    co_await body(target);
  } catch (...) {
    failure = std::current_exception();
  }

  remove_options options;
  options.timeout = removal_limit;
  try {
    co_await shielded(target.remove(options));
  } catch (const error&) {
    if (!failure) throw;  // what went wrong first is what is told
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail

}  // namespace daytona::inline v0
