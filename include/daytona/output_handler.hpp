#pragma once

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "daytona/detail/closure.hpp"

namespace daytona::inline v0 {

/// What is called with output as it comes: any callable `(T) -> void` or `(T) -> awaitable<void>`. One that suspends is waited for before the next call, and
/// the sandbox's program with it once the buffers are full; one that throws ends the stream with its exception. Calls come on the executor of the coroutine
/// that reads the stream.
///
/// A handler that blocks its thread stalls everything else that runs on it, the pings of all streams too: a server may then take them for dead. Suspend
/// instead.
///
/// With GCC before 14 a closure that captures by value needs a name.
template <class T>
class output_handler {
 public:
  /// None: output is dropped.
  output_handler() = default;

  template <class Handler>
    requires(!std::same_as<std::remove_cvref_t<Handler>, output_handler> && std::invocable<Handler&, T>)
  output_handler(Handler&& handler) {  // NOLINT(google-explicit-constructor): as callables are passed
    static_assert(
        detail::safe_closure<Handler>,
        "with this compiler, give the closure a name first: auto handler = [...]...; options.on_stdout = handler");
    using result = std::invoke_result_t<Handler&, T>;
    static_assert(std::is_void_v<result> || std::same_as<result, boost::asio::awaitable<void>>,
                  "an output handler returns void or boost::asio::awaitable<void>");
    if constexpr (std::is_void_v<result>)
      plain_ = std::forward<Handler>(handler);
    else
      suspending_ = std::forward<Handler>(handler);
  }

  explicit operator bool() const noexcept { return plain_ || suspending_; }

  /// Calls it; what `value` refers to lives until the end of the call.
  boost::asio::awaitable<void> operator()(T value) const {
    if (suspending_)
      co_await suspending_(std::move(value));
    else if (plain_)
      plain_(std::move(value));
  }

 private:
  std::function<void(T)> plain_;
  std::function<boost::asio::awaitable<void>(T)> suspending_;
};

}  // namespace daytona::inline v0
