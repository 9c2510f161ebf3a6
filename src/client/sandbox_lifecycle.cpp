#include <daytona/sandbox.hpp>

#include <string_view>
#include <utility>

#include "client/api_call.hpp"
#include "client/sandbox_core.hpp"
#include "client/state_wait.hpp"
#include "protocol/arguments.hpp"

namespace daytona::inline v0 {

namespace {

using detail::api_request;
using detail::sandbox_core;
using sandbox_pointer = std::shared_ptr<sandbox_core>;
using timeout = std::optional<std::chrono::nanoseconds>;
template <class T>
using awaitable = boost::asio::awaitable<T>;

awaitable<void> refresh_alone(sandbox_pointer sandbox, timeout limit) {
  constexpr std::string_view operation = "refresh sandbox data";
  const auto op = co_await detail::begin_call(sandbox->client, limit, operation);
  co_await detail::refresh(sandbox, op, operation);
}

awaitable<void> change_and_wait(sandbox_pointer sandbox, timeout limit, api_request request, detail::wait_goal goal) {
  const auto op = co_await detail::begin_call(sandbox->client, limit, request.operation);
  const auto answer = co_await detail::perform(sandbox->client, op, request);
  sandbox->update(detail::decode<model::sandbox_data>(answer, request));
  co_await detail::wait_until(sandbox, op, goal, request.operation);
}

awaitable<void> remove_and_wait(sandbox_pointer sandbox, timeout limit, api_request request, bool wait) {
  const auto op = co_await detail::begin_call(sandbox->client, limit, request.operation);
  try {
    const auto answer = co_await detail::perform(sandbox->client, op, request);
    auto last = model::from_json<model::sandbox_data>(answer.body);
    if (last) sandbox->update(*std::move(last));  // older servers answer with nothing
  } catch (const not_found_error&) {
    sandbox->mark_destroyed();
    co_return;
  }
  if (wait) co_await detail::wait_until(sandbox, op, detail::wait_goal::destroyed, request.operation);
}

awaitable<void> wait_alone(sandbox_pointer sandbox, timeout limit, detail::wait_goal goal, std::string_view operation) {
  const auto op = co_await detail::begin_call(sandbox->client, limit, operation);
  co_await detail::wait_until(sandbox, op, goal, operation);
}

timeout request_timeout(const sandbox_pointer& sandbox) {
  return protocol::operation_timeout(sandbox->client->settings.request_timeout, {});
}

}  // namespace

boost::asio::awaitable<void> sandbox::refresh_data() const { return refresh_alone(core(), request_timeout(core())); }

boost::asio::awaitable<void> sandbox::start(start_options options) const {
  constexpr std::string_view operation = "start sandbox";
  const auto limit = protocol::operation_timeout(options.timeout, operation);
  api_request request{"POST", detail::sandbox_path(core()->id, "/start"), operation};
  return detail::as_call(change_and_wait(core(), limit, std::move(request), detail::wait_goal::started), operation);
}

boost::asio::awaitable<void> sandbox::stop(stop_options options) const {
  constexpr std::string_view operation = "stop sandbox";
  const auto limit = protocol::operation_timeout(options.timeout, operation);
  const auto* const force = options.force ? "/stop?force=true" : "/stop?force=false";
  api_request request{"POST", detail::sandbox_path(core()->id, force), operation};
  return detail::as_call(change_and_wait(core(), limit, std::move(request), detail::wait_goal::stopped), operation);
}

boost::asio::awaitable<void> sandbox::remove(remove_options options) const {
  constexpr std::string_view operation = "remove sandbox";
  const auto limit = protocol::operation_timeout(options.timeout, operation);
  api_request request{"DELETE", detail::sandbox_path(core()->id), operation};
  request.idempotent = true;
  return detail::as_call(remove_and_wait(core(), limit, std::move(request), options.wait), operation);
}

boost::asio::awaitable<void> sandbox::wait_for_sandbox_start(wait_options options) const {
  constexpr std::string_view operation = "waiting for sandbox to start";
  const auto limit = protocol::operation_timeout(options.timeout, operation);
  return detail::as_call(wait_alone(core(), limit, detail::wait_goal::started, operation), operation);
}

boost::asio::awaitable<void> sandbox::wait_for_sandbox_stop(wait_options options) const {
  constexpr std::string_view operation = "waiting for sandbox to stop";
  const auto limit = protocol::operation_timeout(options.timeout, operation);
  return detail::as_call(wait_alone(core(), limit, detail::wait_goal::stopped, operation), operation);
}

}  // namespace daytona::inline v0
