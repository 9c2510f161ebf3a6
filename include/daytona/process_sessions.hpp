#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string_view>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/log_stream.hpp"
#include "daytona/output_handler.hpp"
#include "daytona/session.hpp"
#include "daytona/session_logs.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// What a `process` does with sessions: shells that live on, so that a command finds the folder and the variables of the one before it.
///
/// **Lifetimes**: arguments are copied before a call returns, handlers too; its awaitable and what it gives keep the state of the sandbox and its client.
/// **Thread safety**: safe on a shared handle.
class DAYTONA_API process_sessions {
 public:
  /// Starts a session: a shell that runs commands one after the other and keeps what they change of it, until `delete_session`.
  ///
  /// **Errors**: `errc::invalid_argument` if `session_id` is empty, `.` or `..`, or holds `/` or control characters; `conflict_error` if the session exists;
  /// else as `process::exec`.
  /// **Cancellation**: the session may have come into being. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session`.
  /// Example (`create_session`):
  ///
  ///     co_await process.create_session("build");
  ///     daytona::session_execute_request request;
  ///     request.command = "cd /tmp && export CC=clang";  // stays for the commands after it
  ///     auto done = co_await process.execute_session_command("build", request);
  boost::asio::awaitable<void> create_session(std::string_view session_id) const;

  /// The session with its commands.
  ///
  /// **Errors**: `not_found_error` if there is none of this id; else as `create_session`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}`.
  /// Example (`get_session`):
  ///
  ///     daytona::session session = co_await process.get_session("build");
  ///     for (const daytona::command& command : session.commands)
  ///       fmt::print("{} {}\n", command.command, command.exit_code ? "has ended" : "runs, or waits");
  boost::asio::awaitable<session> get_session(std::string_view session_id) const;

  /// All sessions but that of the entrypoint, in no order.
  ///
  /// **Errors**: as `process::exec`. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session`.
  /// Example (`list_sessions`):
  ///
  ///     auto sessions = co_await process.list_sessions();
  ///     for (const daytona::session& session : sessions)
  ///       fmt::print("{}: {} commands\n", session.session_id, session.commands.size());
  boost::asio::awaitable<std::vector<session>> list_sessions() const;

  /// Ends the session's shell and all it started, and drops its logs. Takes up to 5 s if a program ignores the request to end.
  ///
  /// **Errors**: `not_found_error` if there is none of this id; else as `create_session`.
  /// **Cancellation**: at once; the session may have been ended. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `DELETE /process/session/{sessionId}`.
  /// Example (`delete_session`):
  ///
  ///     auto sessions = co_await process.list_sessions();
  ///     for (const daytona::session& session : sessions)
  ///       if (session.session_id.starts_with("build")) co_await process.delete_session(session.session_id);
  boost::asio::awaitable<void> delete_session(std::string_view session_id) const;

  /// Runs a command in the session's shell, behind those that run or wait there, and waits for its end unless `command.run_async`.
  ///
  /// Success means that the shell took it: a command that fails is a result with its exit code. Without `run_async` its standard input is empty.
  ///
  /// **Errors**: `errc::invalid_argument` if the command is blank or `options.timeout` negative; `not_found_error` if there is no such session;
  /// `errc::session_ended` (a `gone_error`) if its shell has ended, as `exit` in a command makes it do; `errc::timeout` beyond `options.timeout`; else as `process::exec`.
  /// **Cancellation**: ends at once; the command runs on. **Timeout**: `options.timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session/{sessionId}/exec`.
  /// Example (`execute_session_command`):
  ///
  ///     daytona::session_execute_request request;
  ///     request.command = "echo compiling; sleep 0.1; echo done";
  ///     request.run_async = true;
  ///     auto started = co_await process.execute_session_command("build", request);
  ///     auto ended = co_await process.wait_session_command("build", started.cmd_id);
  boost::asio::awaitable<session_execute_response> execute_session_command(
      std::string_view session_id, session_execute_request command,
      session_command_options options = session_command_options()) const;

  /// The command as it is now: `exit_code` is absent while it runs or waits.
  ///
  /// **Errors**: `not_found_error` if there is no such session or command; else as `create_session`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}`.
  /// Example (`get_session_command`):
  ///
  ///     daytona::command command = co_await process.get_session_command("build", id);
  ///     const bool failed = command.exit_code.value_or(0) != 0;
  ///     if (failed) fmt::print("{} failed\n", command.command);
  boost::asio::awaitable<command> get_session_command(std::string_view session_id, std::string_view command_id) const;

  /// What the command has written so far.
  ///
  /// **Errors**: as `get_session_command`; `errc::response_too_large` beyond `config::max_response_body`: follow it then.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}/logs`.
  /// Example (`get_session_command_logs`):
  ///
  ///     auto logs = co_await process.get_session_command_logs("build", id);
  ///     fmt::print("{}", logs.stdout_);
  ///     fmt::print(stderr, "{}", logs.stderr_);
  boost::asio::awaitable<session_command_logs> get_session_command_logs(std::string_view session_id,
                                                                        std::string_view command_id) const;

  /// Follows the command's output from its beginning, as it comes; it may be waiting, running or long over.
  ///
  /// **Errors**: as `get_session_command`. **Cancellation**: ends at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}/logs?follow=true` (WebSocket). Sample: samples/follow_logs.cpp.
  /// Example (`follow_session_command`):
  ///
  ///     daytona::log_stream log = co_await process.follow_session_command("build", id);
  ///     while (auto chunk = co_await log.next())
  ///       if (chunk->source == daytona::log_source::stdout_) fmt::print("{}", chunk->bytes);
  boost::asio::awaitable<log_stream> follow_session_command(std::string_view session_id, std::string_view command_id,
                                                            follow_options options = follow_options()) const;

  /// Follows the command's output and hands it to `on_stdout` and `on_stderr` as it comes, until its end. A handler that suspends is waited for.
  ///
  /// **Errors**: those of `follow_session_command` and `log_stream::next`; what a handler throws.
  /// **Cancellation**: ends at once, a handler that waits too. **Timeout**: none. **Retry**: `options.resume`.
  ///
  /// Endpoint: as `follow_session_command`.
  /// Example (`get_session_command_logs_async`):
  ///
  ///     daytona::output_handler<std::string_view> print = [](std::string_view bytes) { fmt::print("{}", bytes); };
  ///     daytona::output_handler<std::string_view> none;
  ///     co_await process.get_session_command_logs_async("build", id, print, none);
  boost::asio::awaitable<void> get_session_command_logs_async(std::string_view session_id, std::string_view command_id,
                                                              output_handler<std::string_view> on_stdout,
                                                              output_handler<std::string_view> on_stderr,
                                                              follow_options options = follow_options()) const;

  /// Waits for a command's end and gives it with its exit code, when all that it has written was handed to the handlers of `options`. It may be waiting,
  /// running or long over. The exit code is absent if the server does not tell it within 5 s of the log's end.
  ///
  /// **Errors**: `errc::invalid_argument` if `options.timeout` is negative; those of `follow_session_command` and `log_stream::next`; `errc::timeout` beyond
  /// `options.timeout`, after which it may be waited for again; `not_found_error` if its session was deleted meanwhile; what a handler throws.
  /// **Cancellation**: ends at once; the command runs on. **Timeout**: `options.timeout`. **Retry**: `options.follow.resume`; else idempotent.
  ///
  /// Endpoint: as `follow_session_command`, then as `get_session_command`.
  /// Example (`wait_session_command`):
  ///
  ///     daytona::wait_session_command_options options;
  ///     options.on_stdout = [](std::string_view bytes) { fmt::print("{}", bytes); };
  ///     options.timeout = 10min;
  ///     daytona::command ended = co_await process.wait_session_command("build", id, options);
  ///     if (ended.exit_code) fmt::print("ended with {}\n", *ended.exit_code);
  boost::asio::awaitable<command> wait_session_command(
      std::string_view session_id, std::string_view command_id,
      wait_session_command_options options = wait_session_command_options()) const;

  /// Sends text to the command's standard input; a line break is added if it does not end with one. The command was started with `run_async`.
  ///
  /// **Errors**: `errc::invalid_argument` if `data` is empty; `not_found_error` if there is no such session or command; `errc::command_already_completed`
  /// or `errc::session_ended` (`gone_error`s) if it has ended; else as `create_session`.
  /// **Cancellation**: it may have been sent. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session/{sessionId}/command/{commandId}/input`.
  /// Example (`send_session_command_input`):
  ///
  ///     daytona::session_execute_request request;
  ///     request.command = "read answer; echo it was $answer";
  ///     request.run_async = true;
  ///     auto question = co_await process.execute_session_command("build", request);
  ///     co_await process.send_session_command_input("build", question.cmd_id, "yes");
  boost::asio::awaitable<void> send_session_command_input(std::string_view session_id, std::string_view command_id,
                                                          std::string_view data) const;

  /// The session in which the snapshot's entrypoint runs, as the command `entrypoint_command`.
  ///
  /// **Errors**: `not_found_error` if the sandbox has no entrypoint; else as `process::exec`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/entrypoint`.
  /// Example (`get_entrypoint_session`):
  ///
  ///     daytona::session entrypoint = co_await process.get_entrypoint_session();
  ///     for (const daytona::command& command : entrypoint.commands)
  ///       fmt::print("{} {}\n", command.command, command.exit_code ? "has ended" : "runs");
  boost::asio::awaitable<session> get_entrypoint_session() const;

  /// What the entrypoint has written so far.
  ///
  /// **Errors**: as `get_entrypoint_session`, and `errc::response_too_large`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/entrypoint/logs`.
  /// Example (`get_entrypoint_logs`):
  ///
  ///     auto logs = co_await process.get_entrypoint_logs();
  ///     const bool is_up = logs.stdout_.find("listening") != std::string::npos;
  ///     fmt::print("the server is {}\n", is_up ? "up" : "not up yet");
  boost::asio::awaitable<session_command_logs> get_entrypoint_logs() const;

  /// As `follow_session_command`, for the entrypoint.
  ///
  /// **Errors**: as `get_entrypoint_session`. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/entrypoint/logs?follow=true` (WebSocket).
  /// Example (`follow_entrypoint`):
  ///
  ///     daytona::log_stream log = co_await process.follow_entrypoint();
  ///     while (auto chunk = co_await log.next())
  ///       if (chunk->bytes.find("listening") != std::string::npos) break;
  boost::asio::awaitable<log_stream> follow_entrypoint(follow_options options = follow_options()) const;

  /// As `get_session_command_logs_async`, for the entrypoint.
  ///
  /// **Errors**: those of `follow_entrypoint` and `log_stream::next`; what a handler throws.
  /// **Cancellation**: as `get_session_command_logs_async`. **Timeout**: none. **Retry**: `options.resume`.
  ///
  /// Endpoint: as `follow_entrypoint`.
  /// Example (`get_entrypoint_logs_async`):
  ///
  ///     daytona::output_handler<std::string_view> print = [](std::string_view bytes) { fmt::print("{}", bytes); };
  ///     daytona::output_handler<std::string_view> none;
  ///     co_await process.get_entrypoint_logs_async(print, none);
  boost::asio::awaitable<void> get_entrypoint_logs_async(output_handler<std::string_view> on_stdout,
                                                         output_handler<std::string_view> on_stderr,
                                                         follow_options options = follow_options()) const;

 protected:
  explicit process_sessions(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
