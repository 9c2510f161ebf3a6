#include "client/session_calls.hpp"

#include <algorithm>
#include <utility>

#include "client/sandbox_core.hpp"
#include "model/session.hpp"
#include "protocol/arguments.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0::detail {

namespace {

using sandbox_pointer = std::shared_ptr<sandbox_core>;
constexpr std::chrono::milliseconds first_look_pause{20}, longest_look_pause{500};

}  // namespace

std::string sessions_path() { return "/process/session"; }

std::string session_path(std::string_view session_id, std::string_view operation) {
  protocol::check_path_id(session_id, "session_id", operation);
  protocol::request_target target{sessions_path()};
  target.segment(session_id);
  return std::move(target).text();
}

std::string command_path(std::string_view session_id, std::string_view command_id, std::string_view action,
                         std::string_view operation) {
  protocol::check_path_id(command_id, "command_id", operation);
  protocol::request_target target{session_path(session_id, operation)};
  target.route("/command").segment(command_id).route(action);
  return std::move(target).text();
}

awaitable<void> create_session(sandbox_pointer sandbox, std::string session_id, std::string_view operation) {
  api_request request{"POST", sessions_path(), operation};
  model::create_session_request body;
  body.session_id = std::move(session_id);
  request.body = model::to_json(body);
  return tell_toolbox(std::move(sandbox), std::move(request));
}

awaitable<void> delete_session(sandbox_pointer sandbox, std::string session_id, std::string_view operation,
                               std::optional<std::chrono::nanoseconds> limit) {
  api_request request{"DELETE", session_path(session_id, operation), operation};
  co_await perform_in_sandbox(std::move(sandbox), request, limit);
}

awaitable<session_execute_response> execute_in_session(sandbox_pointer sandbox, std::string session_id,
                                                       session_execute_request command, std::string_view operation,
                                                       std::optional<std::chrono::nanoseconds> limit) {
  api_request request{"POST", session_path(session_id, operation) + "/exec", operation};
  request.body = model::to_json(command);
  auto result = co_await call_toolbox<session_execute_response>(std::move(sandbox), std::move(request), limit);
  if (result.output && !result.stdout_ && !result.stderr_) {
    auto [out, err] = demux_log(*result.output);
    result.stdout_ = std::move(out);
    result.stderr_ = std::move(err);
  }
  co_return result;
}

awaitable<void> send_command_input(sandbox_pointer sandbox, std::string path, std::string data,
                                   std::string_view operation) {
  api_request request{"POST", std::move(path), operation};
  model::session_input_request body;
  body.data = std::move(data);
  request.body = model::to_json(body);
  return tell_toolbox(std::move(sandbox), std::move(request));
}

awaitable<command> ended_command(sandbox_pointer sandbox, std::string path, std::string_view operation,
                                 std::optional<net::steady_time> deadline) {
  const auto op = co_await begin_call(sandbox->client, std::nullopt, operation);
  op->set_deadline(deadline);
  auto patience = op->clock().now() + exit_code_patience;
  if (deadline) patience = std::min(patience, *deadline);
  for (auto pause = first_look_pause;; pause = std::min(2 * pause, longest_look_pause)) {
    api_request request{"GET", path, operation};
    request.idempotent = true;
    const auto limit = time_left(*sandbox, op->clock(), deadline);
    auto found = co_await call_toolbox<command>(sandbox, std::move(request), limit);
    if (found.exit_code || op->clock().now() + pause > patience) co_return found;
    op->enter(phase::waiting_state);
    net::error_code ec;
    co_await net::sleep_until(*op, op->clock().now() + pause, ec);
    if (ec) throw_stopped_in(*sandbox, *op, operation);
  }
}

}  // namespace daytona::inline v0::detail
