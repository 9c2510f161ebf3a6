#include <daytona/process_sessions.hpp>

#include <boost/asio/this_coro.hpp>

#include <utility>

#include "client/log_stream_state.hpp"
#include "client/sandbox_core.hpp"
#include "client/session_calls.hpp"
#include "client/toolbox_call.hpp"
#include "model/headers.hpp"
#include "model/session.hpp"
#include "protocol/arguments.hpp"

namespace daytona::inline v0 {

namespace {

using detail::api_request;
using detail::command_path;
using detail::get_from_toolbox;
using detail::session_path;
template <class T>
using awaitable = boost::asio::awaitable<T>;
using sandbox_pointer = std::shared_ptr<detail::sandbox_core>;

constexpr std::string_view session_create_operation = "create session";
constexpr std::string_view session_get_operation = "get session";
constexpr std::string_view session_list_operation = "list sessions";
constexpr std::string_view session_delete_operation = "delete session";
constexpr std::string_view session_execute_operation = "execute session command";
constexpr std::string_view command_operation = "get session command";
constexpr std::string_view logs_operation = "get session command logs";
constexpr std::string_view wait_operation = "wait for session command";
constexpr std::string_view follow_operation = "follow session command";
constexpr std::string_view input_operation = "send session command input";
constexpr std::string_view entrypoint_operation = "get entrypoint session";
constexpr std::string_view entrypoint_logs_operation = "get entrypoint logs";

constexpr std::string_view entrypoint_session = "entrypoint";

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

std::string follow_path(std::string log_path) { return std::move(log_path) + "?follow=true"; }

awaitable<log_stream> follow(sandbox_pointer sandbox, std::string path, std::string_view operation,
                             follow_options options) {
  auto state =
      std::make_shared<detail::log_stream_state>(std::move(sandbox), follow_path(std::move(path)), operation, options);
  co_await detail::log_stream_state::open(state);
  co_return detail::log_stream_state::make(std::move(state));
}

using log_handler = output_handler<std::string_view>;

/// Hands the rest of a log to its handlers.
awaitable<void> hand_out(std::shared_ptr<detail::log_stream_state> log, const log_handler& on_stdout,
                         const log_handler& on_stderr) {
  for (;;) {
    const auto chunk = co_await detail::log_stream_state::next(log);
    if (!chunk) co_return;
    const auto& handler = chunk->source == log_source::stdout_ ? on_stdout : on_stderr;
    const std::string_view bytes{chunk->bytes};
    if (handler) co_await handler(bytes);
  }
}

awaitable<void> follow_steps(sandbox_pointer sandbox, std::string path, std::string_view operation,
                             log_handler on_stdout, log_handler on_stderr, follow_options options) {
  auto log =
      std::make_shared<detail::log_stream_state>(std::move(sandbox), follow_path(std::move(path)), operation, options);
  co_await detail::log_stream_state::open(log);
  co_await hand_out(log, on_stdout, on_stderr);
}

awaitable<void> follow_with(sandbox_pointer sandbox, std::string path, std::string_view operation,
                            log_handler on_stdout, log_handler on_stderr, follow_options options) {
  auto steps =
      follow_steps(std::move(sandbox), std::move(path), operation, std::move(on_stdout), std::move(on_stderr), options);
  return detail::as_call(std::move(steps), operation);
}

awaitable<command> wait_for(sandbox_pointer sandbox, std::string path, wait_session_command_options options,
                            std::optional<std::chrono::milliseconds> limit) {
  auto executor = co_await boost::asio::this_coro::executor;
  std::optional<net::steady_time> deadline;
  if (limit) deadline = net::timers_of(executor).now() + *limit;
  auto log =
      std::make_shared<detail::log_stream_state>(sandbox, follow_path(path + "/logs"), wait_operation, options.follow);
  log->set_deadline(deadline);
  co_await detail::log_stream_state::open(log);
  co_await hand_out(log, options.on_stdout, options.on_stderr);
  co_return co_await detail::ended_command(std::move(sandbox), std::move(path), wait_operation, deadline);
}

}  // namespace

process_sessions::process_sessions(std::shared_ptr<detail::sandbox_core> core) : core_(std::move(core)) {}

awaitable<void> process_sessions::create_session(std::string_view session_id) const {
  protocol::check_path_id(session_id, "session_id", session_create_operation);
  return detail::create_session(core_, std::string(session_id), session_create_operation);
}

awaitable<session> process_sessions::get_session(std::string_view session_id) const {
  return get_from_toolbox<session>(core_, session_path(session_id, session_get_operation), session_get_operation);
}

awaitable<std::vector<session>> process_sessions::list_sessions() const {
  return get_from_toolbox<std::vector<session>>(core_, detail::sessions_path(), session_list_operation);
}

awaitable<void> process_sessions::delete_session(std::string_view session_id) const {
  protocol::check_path_id(session_id, "session_id", session_delete_operation);
  const auto limit = detail::usual_timeout(*core_);
  return detail::delete_session(core_, std::string(session_id), session_delete_operation, limit);
}

awaitable<session_execute_response> process_sessions::execute_session_command(std::string_view session_id,
                                                                              session_execute_request command,
                                                                              session_command_options options) const {
  protocol::check_path_id(session_id, "session_id", session_execute_operation);
  protocol::check_command(command.command, session_execute_operation);
  const auto limit = protocol::command_timeout(options.timeout, session_execute_operation);
  return detail::execute_in_session(core_, std::string(session_id), std::move(command), session_execute_operation,
                                    detail::call_timeout(limit));
}

awaitable<command> process_sessions::get_session_command(std::string_view session_id,
                                                         std::string_view command_id) const {
  return get_from_toolbox<command>(core_, command_path(session_id, command_id, {}, command_operation),
                                   command_operation);
}

awaitable<session_command_logs> process_sessions::get_session_command_logs(std::string_view session_id,
                                                                           std::string_view command_id) const {
  return get_logs(core_, command_path(session_id, command_id, "/logs", logs_operation), logs_operation);
}

awaitable<void> process_sessions::get_session_command_logs_async(std::string_view session_id,
                                                                 std::string_view command_id, log_handler on_stdout,
                                                                 log_handler on_stderr, follow_options options) const {
  auto path = command_path(session_id, command_id, "/logs", logs_operation);
  return follow_with(core_, std::move(path), logs_operation, std::move(on_stdout), std::move(on_stderr), options);
}

awaitable<log_stream> process_sessions::follow_session_command(std::string_view session_id, std::string_view command_id,
                                                               follow_options options) const {
  return follow(core_, command_path(session_id, command_id, "/logs", follow_operation), follow_operation, options);
}

awaitable<command> process_sessions::wait_session_command(std::string_view session_id, std::string_view command_id,
                                                          wait_session_command_options options) const {
  auto path = command_path(session_id, command_id, {}, wait_operation);
  const auto limit = protocol::operation_timeout(options.timeout, wait_operation);
  return detail::as_call(wait_for(core_, std::move(path), std::move(options), limit), wait_operation);
}

awaitable<void> process_sessions::send_session_command_input(std::string_view session_id, std::string_view command_id,
                                                             std::string_view data) const {
  protocol::check_input(data, input_operation);
  return detail::send_command_input(core_, command_path(session_id, command_id, "/input", input_operation),
                                    std::string(data), input_operation);
}

awaitable<session> process_sessions::get_entrypoint_session() const {
  return get_from_toolbox<session>(core_, session_path(entrypoint_session, entrypoint_operation), entrypoint_operation);
}

awaitable<session_command_logs> process_sessions::get_entrypoint_logs() const {
  return get_logs(core_, session_path(entrypoint_session, entrypoint_logs_operation) + "/logs",
                  entrypoint_logs_operation);
}

awaitable<void> process_sessions::get_entrypoint_logs_async(log_handler on_stdout, log_handler on_stderr,
                                                            follow_options options) const {
  auto path = session_path(entrypoint_session, entrypoint_logs_operation) + "/logs";
  return follow_with(core_, std::move(path), entrypoint_logs_operation, std::move(on_stdout), std::move(on_stderr),
                     options);
}

awaitable<log_stream> process_sessions::follow_entrypoint(follow_options options) const {
  return follow(core_, session_path(entrypoint_session, follow_operation) + "/logs", follow_operation, options);
}

}  // namespace daytona::inline v0
