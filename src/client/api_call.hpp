#pragma once

#include <daytona/error.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_core.hpp"
#include "model/json.hpp"
#include "protocol/http_response.hpp"

namespace daytona::inline v0::detail {

/// What a request for a WebSocket offers, and the connection that comes of it.
struct upgrade {
  std::vector<std::string> subprotocols;
  std::unique_ptr<net::stream> io;  ///< Null until a server has agreed.
  std::string excess;               ///< What came behind its answer.
};

/// One request to the API or to a toolbox.
struct api_request {
  api_request(std::string_view method, std::string target, std::string_view asked)
      : verb(method), path(std::move(target)), operation(asked) {}

  std::string_view verb;
  std::string path;  ///< Behind the base, percent-encoded, with its query.
  std::string_view
      operation;  ///< What the caller asked for: "create sandbox", also for a request on the way there. A literal.
  std::optional<std::string> body;  ///< JSON
  bool idempotent = false;
  std::shared_ptr<const protocol::base_url> toolbox;  ///< Base of the sandbox's toolbox; null = the API.
  bool explains_failure = true;                       ///< By the state of the sandbox, if that may be why it failed.
  upgrade* web_socket = nullptr;                      ///< It asks for a WebSocket.
};

/// `/sandbox/{id}` and what stands behind it. `.` and `..` are neither ids nor names: who takes them from callers refuses them.
std::string sandbox_path(std::string_view id_or_name, std::string_view action = {});

/// An operation of the coroutine that `executor` and `cancellation` are of; it may make several requests under one deadline. Throws
/// `errc::client_closed`.
std::shared_ptr<net::operation> make_operation(client_core& core, asio::any_io_executor executor,
                                               asio::cancellation_state cancellation,
                                               std::optional<std::chrono::nanoseconds> timeout,
                                               std::string_view operation);

/// `make_operation` of the calling coroutine.
awaitable<std::shared_ptr<net::operation>> begin_call(std::shared_ptr<client_core> core,
                                                      std::optional<std::chrono::nanoseconds> timeout,
                                                      std::string_view operation);

/// A 2xx answer, with what an error about it has to know.
struct api_answer : protocol::http_response {
  const client_core* core = nullptr;  ///< Outlives it.
  std::string renewed_token;          ///< What `config::jwt_provider` gave for it; not to be shown.
};

/// Sends `request`, which outlives the coroutine, within `op`, repeating it where that is safe. A 2xx answer, or the error it stands for is thrown.
/// Without `op` it is an operation of its own, under `config::request_timeout`.
awaitable<api_answer> perform(std::shared_ptr<client_core> core, std::shared_ptr<net::operation> op,
                              const api_request& request);

/// Throws why `op` was stopped: `timeout_error`, `errc::client_closed` or the caller's own `operation_aborted`.
[[noreturn]] void throw_stopped(const net::operation& op, const std::string& prefix, error_details details);

/// Throws `failure` on. A bare `operation_aborted` becomes a `daytona::error`: Asio throws it where the caller's cancellation came while no step was
/// pending.
[[noreturn]] void rethrow_told(const std::exception_ptr& failure, std::string_view operation);

/// Runs an operation of several requests, and tells of the caller's cancellation between them as any call does. `operation` is a literal.
template <class T>
awaitable<T> as_call(awaitable<T> steps, std::string_view operation) {
  std::exception_ptr failure;
  try {
    co_return co_await std::move(steps);
  } catch (...) {
    failure = std::current_exception();
  }
  rethrow_told(failure, operation);
}

[[noreturn]] void throw_undecodable(const api_answer& answer, const api_request& request,
                                    const model::decode_failure& failure);

template <class T>
void decode_into(T& value, const api_answer& answer, const api_request& request) {
  const auto failure = model::read_json(answer.body, value);
  if (failure) throw_undecodable(answer, request, *failure);
}

template <class T>
T decode(const api_answer& answer, const api_request& request) {
  T value{};
  decode_into(value, answer, request);
  return value;
}

}  // namespace daytona::inline v0::detail
