#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/api_call.hpp"
#include "client/sandbox_core.hpp"

namespace daytona::inline v0::detail {

/// How much later than a command's own limit its call gives up: the server is to have the last word.
inline constexpr std::chrono::seconds server_grace{5};

/// The call's limit that follows a command's; none if the command has none.
std::optional<std::chrono::nanoseconds> call_timeout(std::optional<std::int64_t> command_seconds);

/// That of a call without a limit of its own: `config::request_timeout`.
std::optional<std::chrono::nanoseconds> usual_timeout(const sandbox_core& sandbox);

/// `config::request_timeout`, or what is left until `deadline` if that is shorter.
std::optional<std::chrono::nanoseconds> time_left(const sandbox_core& sandbox, const net::timers& clock,
                                                  std::optional<net::steady_time> deadline);

/// Throws why `op`, something with `sandbox`, was stopped. `operation` is a literal.
[[noreturn]] void throw_stopped_in(const sandbox_core& sandbox, const net::operation& op, std::string_view operation);

/// Sends `request`, which outlives the coroutine, to the sandbox's toolbox, whose address is asked for if the sandbox did not bring it.
awaitable<api_answer> perform_in_sandbox(std::shared_ptr<sandbox_core> sandbox, api_request& request,
                                         std::optional<std::chrono::nanoseconds> timeout);

template <class T>
awaitable<T> call_toolbox(std::shared_ptr<sandbox_core> sandbox, api_request request,
                          std::optional<std::chrono::nanoseconds> timeout) {
  const auto answer = co_await perform_in_sandbox(sandbox, request, timeout);
  co_return decode<T>(answer, request);
}

/// What the toolbox has at `path`, within `config::request_timeout`. `operation` is a literal.
template <class T>
awaitable<T> get_from_toolbox(std::shared_ptr<sandbox_core> sandbox, std::string path, std::string_view operation) {
  api_request request{"GET", std::move(path), operation};
  request.idempotent = true;
  const auto limit = usual_timeout(*sandbox);
  return call_toolbox<T>(std::move(sandbox), std::move(request), limit);
}

/// Sends a request whose answer says no more than that it was done, within `config::request_timeout`.
awaitable<void> tell_toolbox(std::shared_ptr<sandbox_core> sandbox, api_request request);

/// Removes what the toolbox has at `path`, the same.
awaitable<void> delete_from_toolbox(std::shared_ptr<sandbox_core> sandbox, std::string path,
                                    std::string_view operation);

}  // namespace daytona::inline v0::detail
