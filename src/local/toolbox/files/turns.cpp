#include "local/toolbox/files/turns.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t steps_a_turn = 256;  // about a millisecond of looking at files

}  // namespace

turns::turns(http::exchange& exchange) {
  exchange.when_client_leaves([has_left = has_left_] { *has_left = true; });
}

bool turns::is_over(std::size_t steps) {
  steps_ += steps;
  if (steps_ < steps_a_turn) return false;
  steps_ = 0;
  return true;
}

asio::awaitable<void> turns::end_turn() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  if (*has_left_) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace daytona::local::toolbox
