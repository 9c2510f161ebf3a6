#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/command_stream.hpp"
#include "daytona/detail/export.hpp"
#include "daytona/execution.hpp"
#include "daytona/log_stream.hpp"
#include "daytona/output_handler.hpp"
#include "daytona/pty.hpp"
#include "daytona/session.hpp"
#include "daytona/session_logs.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// Runs commands and code in one sandbox. A cheap handle that shares the sandbox's state and may outlive every other handle.
class DAYTONA_API process {
 public:
  /// Runs `command` in a shell inside the sandbox and waits for it to end.
  ///
  /// Success means that the shell ran: a command that fails is a result with its exit code, not an error. The command's standard input is empty.
  ///
  /// **Errors**: `errc::invalid_argument` (a `bad_request_error`), nothing sent, if `command` is blank, a text is no UTF-8 or holds NUL, a name in `options.env` is
  /// malformed or `options.timeout` is negative. `timeout_error` if the command outlived `options.timeout` (its process group was killed, code
  /// `errc::process_execution_timeout`) or the call its deadline (`errc::timeout`, `phase()` says where). If the sandbox can't be reached, one
  /// question for its state tells why: `errc::sandbox_gone` (a `not_found_error`), `errc::sandbox_stopped` (a `conflict_error`), or a transient error.
  /// **Cancellation**: ends at once. Once the request was sent the command may run on in the sandbox.
  /// **Timeout**: `options.timeout`. **Retry**: only while nothing was sent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `POST /process/execute`. Example: samples/quickstart.cpp.
  boost::asio::awaitable<execute_response> exec(std::string_view command, exec_options options = exec_options()) const;

  /// Runs the program `argv[0]` with exactly these arguments: each is quoted for the shell, none is split, expanded or interpreted.
  ///
  /// **Errors**: as `exec(command)`; `errc::invalid_argument` also if `argv` is empty, its program is, or an argument holds a NUL byte.
  /// **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `exec(command)`.
  ///
  /// Endpoint: `POST /process/execute`.
  boost::asio::awaitable<execute_response> exec(std::vector<std::string> argv,
                                                exec_options options = exec_options()) const;

  /// Runs `code` in the sandbox's language (its label `code-toolbox-language`) and waits for it to end.
  ///
  /// Charts that a python program shows with matplotlib come back typed, in `artifacts.charts`.
  ///
  /// **Errors**: as `exec`; `errc::invalid_argument` if `code` is empty.
  /// **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `exec`.
  ///
  /// Endpoint: `POST /process/code-run`. Example: samples/charts.cpp.
  boost::asio::awaitable<execute_response> code_run(std::string_view code,
                                                    code_run_params params = code_run_params()) const;

  /// Starts a session: a shell that runs commands one after the other and keeps what they change of it, until `delete_session`.
  ///
  /// **Errors**: `errc::invalid_argument` if `session_id` is empty, `.` or `..`, or holds `/` or control characters; `conflict_error` if the session exists;
  /// else as `exec`.
  /// **Cancellation**: the session may have come into being. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session`.
  boost::asio::awaitable<void> create_session(std::string_view session_id) const;

  /// The session with its commands.
  ///
  /// **Errors**: `not_found_error` if there is none of this id; else as `create_session`.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}`.
  boost::asio::awaitable<session> get_session(std::string_view session_id) const;

  /// All sessions but that of the entrypoint, in no order.
  ///
  /// **Errors**: as `exec`. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session`.
  boost::asio::awaitable<std::vector<session>> list_sessions() const;

  /// Ends the session's shell and all it started, and drops its logs. Takes up to 5 s if a program ignores the request to end.
  ///
  /// **Errors**: `not_found_error` if there is none of this id; else as `create_session`.
  /// **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `DELETE /process/session/{sessionId}`.
  boost::asio::awaitable<void> delete_session(std::string_view session_id) const;

  /// Runs a command in the session's shell, behind those that run or wait there, and waits for its end unless `command.run_async`.
  ///
  /// Success means that the shell took it: a command that fails is a result with its exit code. Without `run_async` its standard input is empty.
  ///
  /// **Errors**: `errc::invalid_argument` if the command is blank or `options.timeout` negative; `not_found_error` if there is no such session;
  /// `errc::session_ended` (a `gone_error`) if its shell has ended, as `exit` in a command makes it do; `errc::timeout` beyond `options.timeout`; else as `exec`.
  /// **Cancellation**: ends at once; the command runs on. **Timeout**: `options.timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session/{sessionId}/exec`.
  boost::asio::awaitable<session_execute_response> execute_session_command(
      std::string_view session_id, session_execute_request command,
      session_command_options options = session_command_options()) const;

  /// The command as it is now: `exit_code` is absent while it runs or waits.
  ///
  /// **Errors**: `not_found_error` if there is no such session or command; else as `create_session`.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}`.
  boost::asio::awaitable<command> get_session_command(std::string_view session_id, std::string_view command_id) const;

  /// What the command has written so far.
  ///
  /// **Errors**: as `get_session_command`; `errc::response_too_large` beyond `config::max_response_body`: follow it then.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}/logs`.
  boost::asio::awaitable<session_command_logs> get_session_command_logs(std::string_view session_id,
                                                                        std::string_view command_id) const;

  /// Follows the command's output from its beginning, as it comes; it may be waiting, running or long over.
  ///
  /// **Errors**: as `get_session_command`. **Cancellation**: ends at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}/logs?follow=true` (WebSocket). Example: samples/follow_logs.cpp.
  boost::asio::awaitable<log_stream> follow_session_command(std::string_view session_id, std::string_view command_id,
                                                            follow_options options = follow_options()) const;

  /// Follows the command's output and hands it to `on_stdout` and `on_stderr` as it comes, until its end. A handler that suspends is waited for.
  ///
  /// **Errors**: those of `follow_session_command` and `log_stream::next`; what a handler throws.
  /// **Cancellation**: ends at once, a handler that waits too. **Timeout**: none. **Retry**: `options.resume`.
  ///
  /// Endpoint: as `follow_session_command`.
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
  boost::asio::awaitable<command> wait_session_command(
      std::string_view session_id, std::string_view command_id,
      wait_session_command_options options = wait_session_command_options()) const;

  /// Starts a command in a session of its own, and streams what it writes: with its two outputs apart, its standard input open, and its exit code at the end.
  ///
  /// **Errors**: `errc::invalid_argument` if the command is blank or a name in `options.env` is malformed; `errc::bad_request` if `options.cwd` can't be
  /// entered; else as `exec`. The session of a command that could not be started is deleted, within 5 s.
  /// **Cancellation**: as an error; nothing runs on. **Timeout**: `config::request_timeout` for each step. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session`, `POST /process/session/{sessionId}/exec`, and as `follow_session_command`.
  boost::asio::awaitable<command_stream> exec_stream(std::string_view command,
                                                     exec_stream_options options = exec_stream_options()) const;

  /// Sends text to the command's standard input; a line break is added if it does not end with one. The command was started with `run_async`.
  ///
  /// **Errors**: `errc::invalid_argument` if `data` is empty; `not_found_error` if there is no such session or command; `errc::command_already_completed`
  /// or `errc::session_ended` (`gone_error`s) if it has ended; else as `create_session`.
  /// **Cancellation**: it may have been sent. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session/{sessionId}/command/{commandId}/input`.
  boost::asio::awaitable<void> send_session_command_input(std::string_view session_id, std::string_view command_id,
                                                          std::string_view data) const;

  /// The session in which the snapshot's entrypoint runs, as the command `entrypoint_command`.
  ///
  /// **Errors**: `not_found_error` if the sandbox has no entrypoint; else as `exec`. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/entrypoint`.
  boost::asio::awaitable<session> get_entrypoint_session() const;

  /// What the entrypoint has written so far.
  ///
  /// **Errors**: as `get_entrypoint_session`, and `errc::response_too_large`. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/entrypoint/logs`.
  boost::asio::awaitable<session_command_logs> get_entrypoint_logs() const;

  /// As `follow_session_command`, for the entrypoint.
  ///
  /// **Errors**: as `get_entrypoint_session`. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/session/entrypoint/logs?follow=true` (WebSocket).
  boost::asio::awaitable<log_stream> follow_entrypoint(follow_options options = follow_options()) const;

  /// As `get_session_command_logs_async`, for the entrypoint.
  ///
  /// **Errors**: those of `follow_entrypoint` and `log_stream::next`; what a handler throws. **Timeout**: none. **Retry**: `options.resume`.
  ///
  /// Endpoint: as `follow_entrypoint`.
  boost::asio::awaitable<void> get_entrypoint_logs_async(output_handler<std::string_view> on_stdout,
                                                         output_handler<std::string_view> on_stderr,
                                                         follow_options options = follow_options()) const;

  /// Starts a terminal with the sandbox's shell in it, and connects to it. It lives on without a connection, until its shell ends or it is killed.
  ///
  /// **Errors**: `errc::invalid_argument` if `session_id` is empty, `.` or `..`, or holds `/` or control characters, a name in `options.envs` is malformed or the size is
  /// not 1 to 1000; `conflict_error` if there is a terminal of this id; `bad_request_error` or `internal_server_error` if its shell could not be started; else as `exec`.
  /// **Cancellation**: the terminal may have come into being. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `GET /process/pty/create-connect` (WebSocket); where the server has none, `POST /process/pty` and `GET /process/pty/{sessionId}/connect`.
  /// Example: samples/interactive_shell.cpp.
  boost::asio::awaitable<pty_handle> create_pty_session(std::string_view session_id,
                                                        create_pty_options options = create_pty_options()) const;

  /// Connects to a terminal, as others may have done too: each gets all output from then on. Whether there is such a terminal shows in
  /// `pty_handle::wait_for_connection`.
  ///
  /// **Errors**: as `exec`. **Cancellation**: ends at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/pty/{sessionId}/connect` (WebSocket).
  boost::asio::awaitable<pty_handle> connect_pty_session(std::string_view session_id) const;

  /// All terminals whose shells run, in no order.
  ///
  /// **Errors**: as `exec`. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/pty`.
  boost::asio::awaitable<std::vector<pty_session_info>> list_pty_sessions() const;

  /// One terminal.
  ///
  /// **Errors**: `not_found_error` if there is none of this id, or its shell has ended. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/pty/{sessionId}`.
  boost::asio::awaitable<pty_session_info> get_pty_session_info(std::string_view session_id) const;

  /// Changes a terminal's size.
  ///
  /// **Errors**: `errc::invalid_argument` outside 1 to 1000; `gone_error` if there is none of this id, or its shell has ended; else as `exec`.
  /// **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `POST /process/pty/{sessionId}/resize`.
  boost::asio::awaitable<pty_session_info> resize_pty_session(std::string_view session_id, pty_size size) const;

  /// Kills a terminal's shell and all it started.
  ///
  /// **Errors**: `not_found_error` if there is none of this id, or its shell has ended. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `DELETE /process/pty/{sessionId}`.
  boost::asio::awaitable<void> kill_pty_session(std::string_view session_id) const;

 private:
  friend class sandbox;
  explicit process(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
