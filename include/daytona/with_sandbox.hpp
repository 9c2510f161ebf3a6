#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "daytona/client.hpp"
#include "daytona/detail/closure.hpp"
#include "daytona/detail/export.hpp"
#include "daytona/sandbox.hpp"

namespace daytona::inline v0 {

namespace detail {

template <class T>
struct awaited;
template <class T>
struct awaited<boost::asio::awaitable<T>> {
  using type = T;
};

DAYTONA_API boost::asio::awaitable<void> run_with_sandbox(boost::asio::awaitable<sandbox> created,
                                                          std::function<boost::asio::awaitable<void>(sandbox)> body);

template <class T>
boost::asio::awaitable<T> run_for_result(boost::asio::awaitable<sandbox> created,
                                         std::function<boost::asio::awaitable<T>(sandbox)> body) {
  std::optional<T> result;
  std::function<boost::asio::awaitable<void>(sandbox)> keep_result =
      [&](sandbox target) -> boost::asio::awaitable<void> { result.emplace(co_await body(std::move(target))); };
  co_await run_with_sandbox(std::move(created), std::move(keep_result));
  co_return std::move(*result);
}

}  // namespace detail

/// Creates a sandbox, runs `body` with it, and removes it, however `body` ends: by its end, an exception or cancellation.
///
/// `body` is a callable `(sandbox) -> awaitable<T>`; its result is the result. With GCC before 14 a closure that captures by value needs a name.
///
/// **Errors**: those of `create` and of `body`. If `body` succeeded, also those of the removal; else a failed removal is told to `config::on_trace` alone.
/// **Cancellation**: reaches `create` and `body`. The removal goes on out of its reach, for at most 10 s; nothing is removed if the io_context itself is
/// stopped or destroyed. The caller's `throw_if_cancelled` is left as it was.
/// **Timeout**: `options.timeout` for the creation and 10 s for the removal; none for `body`. **Retry**: as `client::create`; `body` runs once.
/// **Lifetimes**: `body` is moved or copied, and lives until the end, what it refers to is the caller's care. **Thread safety**: safe on a shared client;
/// `body` runs on the caller's executor.
///
/// Endpoints: those of `client::create` and `sandbox::remove`.
/// Example (`with_sandbox`):
///
///     daytona::create_from_snapshot_params params;
///     auto body = [](daytona::sandbox sandbox) -> asio::awaitable<std::string> {
///       auto answer = co_await sandbox.process().exec("whoami");
///       co_return answer.result;
///     };
///     const std::string user = co_await daytona::with_sandbox(client, params, body);
template <class Params, class Body>
auto with_sandbox(client owner, Params params, Body&& body, create_options options = create_options()) {
  static_assert(
      detail::safe_closure<Body>,
      "with this compiler, give the closure a name first: auto body = [...]...; with_sandbox(client, params, body)");
  using result = typename detail::awaited<std::invoke_result_t<Body&, sandbox>>::type;
  std::function<boost::asio::awaitable<result>(sandbox)> kept = std::forward<Body>(body);
  auto created = owner.create(std::move(params), options);
  if constexpr (std::is_void_v<result>)
    return detail::run_with_sandbox(std::move(created), std::move(kept));
  else
    return detail::run_for_result<result>(std::move(created), std::move(kept));
}

}  // namespace daytona::inline v0
