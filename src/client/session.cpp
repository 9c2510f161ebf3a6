// What `process` does with sessions.
#include <daytona/process.hpp>

#include <utility>

#include "client/log_stream_state.hpp"
#include "client/sandbox_core.hpp"
#include "client/toolbox_call.hpp"
#include "model/headers.hpp"
#include "model/session.hpp"
#include "protocol/arguments.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0 {

namespace {

using detail::awaitable;
using detail::api_request;
using sandbox_pointer = std::shared_ptr<detail::sandbox_core>;

constexpr std::string_view session_create_operation = "create session";
constexpr std::string_view session_get_operation = "get session";
constexpr std::string_view session_list_operation = "list sessions";
constexpr std::string_view session_delete_operation = "delete session";
constexpr std::string_view session_execute_operation = "execute session command";
constexpr std::string_view command_operation = "get session command";
constexpr std::string_view logs_operation = "get session command logs";
constexpr std::string_view follow_operation = "follow session command";
constexpr std::string_view input_operation = "send session command input";
constexpr std::string_view entrypoint_operation = "get entrypoint session";
constexpr std::string_view entrypoint_logs_operation = "get entrypoint logs";

constexpr std::string_view entrypoint_session = "entrypoint";

protocol::request_target sessions_target() { return protocol::request_target{"/process/session"}; }

std::string session_path(std::string_view session_id, std::string_view operation) {
  protocol::check_path_id(session_id, "session_id", operation);
  auto target = sessions_target();
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

template <class T>
awaitable<T> get(sandbox_pointer sandbox, std::string path, std::string_view operation) {
  api_request request{"GET", std::move(path), operation};
  request.idempotent = true;
  const auto limit = detail::usual_timeout(*sandbox);
  return detail::call_toolbox<T>(std::move(sandbox), std::move(request), limit);
}

/// A request whose answer has no body.
awaitable<void> send(sandbox_pointer sandbox, api_request request) {
  const auto limit = detail::usual_timeout(*sandbox);
  co_await detail::perform_in_sandbox(std::move(sandbox), request, limit);
}

awaitable<session_execute_response> execute(sandbox_pointer sandbox, api_request request,
                                            std::optional<std::chrono::nanoseconds> limit) {
  auto result = co_await detail::call_toolbox<session_execute_response>(std::move(sandbox), std::move(request), limit);
  if (result.output && !result.stdout_ && !result.stderr_) {
    auto [out, err] = demux_log(*result.output);
    result.stdout_ = std::move(out);
    result.stderr_ = std::move(err);
  }
  co_return result;
}

/// Servers before 0.167 answer with the log itself instead of JSON.
awaitable<session_command_logs> get_logs(sandbox_pointer sandbox, std::string path, std::string_view operation) {
  api_request request{"GET", std::move(path), operation};
  request.idempotent = true;
  const auto limit = detail::usual_timeout(*sandbox);
  const auto answer = co_await detail::perform_in_sandbox(std::move(sandbox), request, limit);
  const auto type = answer.fields.find("Content-Type").value_or("");
  if (model::starts_with_ignoring_case(type, "text/plain")) co_return parse_session_command_logs(answer.body);
  co_return detail::decode<session_command_logs>(answer, request);
}

awaitable<log_stream> follow(sandbox_pointer sandbox, std::string path, std::string_view operation,
                             follow_options options) {
  auto state = std::make_shared<detail::log_stream_state>(std::move(sandbox), path + "?follow=true", operation, options);
  co_await detail::log_stream_state::open(state);
  co_return detail::log_stream_state::make(std::move(state));
}

using log_handler = output_handler<std::string_view>;

awaitable<void> follow_with(sandbox_pointer sandbox, std::string path, std::string_view operation, log_handler on_stdout,
                            log_handler on_stderr, follow_options options) {
  auto logs = co_await follow(std::move(sandbox), std::move(path), operation, options);
  for (;;) {
    const auto chunk = co_await logs.next();
    if (!chunk) co_return;
    const auto& handler = chunk->source == log_source::stdout_ ? on_stdout : on_stderr;
    const std::string_view bytes{chunk->bytes};
    if (handler) co_await handler(bytes);
  }
}

}  // namespace

awaitable<void> process::create_session(std::string_view session_id) const {
  protocol::check_path_id(session_id, "session_id", session_create_operation);
  api_request request{"POST", sessions_target().text(), session_create_operation};
  model::create_session_request body;
  body.session_id = session_id;
  request.body = model::to_json(body);
  return send(core_, std::move(request));
}

awaitable<session> process::get_session(std::string_view session_id) const {
  return get<session>(core_, session_path(session_id, session_get_operation), session_get_operation);
}

awaitable<std::vector<session>> process::list_sessions() const {
  return get<std::vector<session>>(core_, sessions_target().text(), session_list_operation);
}

awaitable<void> process::delete_session(std::string_view session_id) const {
  api_request request{"DELETE", session_path(session_id, session_delete_operation), session_delete_operation};
  return send(core_, std::move(request));
}

awaitable<session_execute_response> process::execute_session_command(std::string_view session_id,
                                                                     session_execute_request command,
                                                                     session_command_options options) const {
  protocol::check_argument(command.command.find_first_not_of(" \t\r\n\v\f") != std::string::npos, session_execute_operation,
                           "command must not be blank");
  protocol::check_program_text(command.command, session_execute_operation, "command");
  auto path = session_path(session_id, session_execute_operation) + "/exec";
  const auto limit = protocol::command_timeout(options.timeout, session_execute_operation);
  api_request request{"POST", std::move(path), session_execute_operation};
  request.body = model::to_json(command);
  return execute(core_, std::move(request), detail::call_timeout(limit));
}

awaitable<command> process::get_session_command(std::string_view session_id, std::string_view command_id) const {
  return get<command>(core_, command_path(session_id, command_id, {}, command_operation), command_operation);
}

awaitable<session_command_logs> process::get_session_command_logs(std::string_view session_id,
                                                                  std::string_view command_id) const {
  return get_logs(core_, command_path(session_id, command_id, "/logs", logs_operation), logs_operation);
}

awaitable<void> process::get_session_command_logs_async(std::string_view session_id, std::string_view command_id,
                                                        log_handler on_stdout, log_handler on_stderr,
                                                        follow_options options) const {
  return follow_with(core_, command_path(session_id, command_id, "/logs", logs_operation), logs_operation,
                     std::move(on_stdout), std::move(on_stderr), options);
}

awaitable<log_stream> process::follow_session_command(std::string_view session_id, std::string_view command_id,
                                                      follow_options options) const {
  return follow(core_, command_path(session_id, command_id, "/logs", follow_operation), follow_operation, options);
}

awaitable<void> process::send_session_command_input(std::string_view session_id, std::string_view command_id,
                                                    std::string_view data) const {
  protocol::check_argument(!data.empty(), input_operation, "data must not be empty; a line break alone is Enter");
  protocol::check_text(data, input_operation, "data");
  api_request request{"POST", command_path(session_id, command_id, "/input", input_operation), input_operation};
  model::session_input_request body;
  body.data = data;
  request.body = model::to_json(body);
  return send(core_, std::move(request));
}

awaitable<session> process::get_entrypoint_session() const {
  return get<session>(core_, session_path(entrypoint_session, entrypoint_operation), entrypoint_operation);
}

awaitable<session_command_logs> process::get_entrypoint_logs() const {
  return get_logs(core_, session_path(entrypoint_session, entrypoint_logs_operation) + "/logs",
                  entrypoint_logs_operation);
}

awaitable<void> process::get_entrypoint_logs_async(log_handler on_stdout, log_handler on_stderr,
                                                   follow_options options) const {
  return follow_with(core_, session_path(entrypoint_session, entrypoint_logs_operation) + "/logs",
                     entrypoint_logs_operation, std::move(on_stdout), std::move(on_stderr), options);
}

awaitable<log_stream> process::follow_entrypoint(follow_options options) const {
  return follow(core_, session_path(entrypoint_session, follow_operation) + "/logs", follow_operation, options);
}

}  // namespace daytona::inline v0
