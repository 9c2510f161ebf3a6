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
///
/// **Lifetimes**: arguments are copied before a call returns, handlers too; its awaitable and what it gives keep the state of the sandbox and its client.
/// **Thread safety**: safe on a shared handle.
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
  /// **Timeout**: `options.timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/execute`. Sample: samples/quickstart.cpp.
  /// Example (`exec`):
  ///
  ///     daytona::exec_options options;
  ///     options.cwd = "/tmp";
  ///     options.timeout = 30s;
  ///     auto answer = co_await process.exec("ls *.log | wc -l", options);
  ///     if (answer.exit_code == 0) fmt::print("{} logs\n", answer.result);
  boost::asio::awaitable<execute_response> exec(std::string_view command, exec_options options = exec_options()) const;

  /// Runs the program `argv[0]` with exactly these arguments: each is quoted for the shell, none is split, expanded or interpreted.
  ///
  /// **Errors**: as `exec(command)`; `errc::invalid_argument` also if `argv` is empty, its program is, or an argument holds a NUL byte.
  /// **Cancellation**, **Timeout**, **Retry**: as `exec(command)`.
  ///
  /// Endpoint: `POST /process/execute`.
  /// Example (`exec_argv`):
  ///
  ///     std::vector<std::string> argv{"grep", "-c", "it's $HOME, as it stands here", "/etc/hosts"};
  ///     auto answer = co_await process.exec(argv);
  ///     fmt::print("{} lines\n", answer.result);
  boost::asio::awaitable<execute_response> exec(std::vector<std::string> argv,
                                                exec_options options = exec_options()) const;

  /// Runs `code` in the sandbox's language (its label `code-toolbox-language`) and waits for it to end.
  ///
  /// Charts that a python program shows with matplotlib come back typed, in `artifacts.charts`.
  ///
  /// **Errors**: as `exec`; `errc::invalid_argument` if `code` is empty.
  /// **Cancellation**, **Timeout**, **Retry**: as `exec`.
  ///
  /// Endpoint: `POST /process/code-run`. Sample: samples/charts.cpp.
  /// Example (`code_run`):
  ///
  ///     daytona::code_run_params params;
  ///     params.argv = {"6", "7"};
  ///     auto answer = co_await process.code_run("import sys; print(int(sys.argv[1]) * int(sys.argv[2]))", params);
  ///     fmt::print("{}", answer.result);
  boost::asio::awaitable<execute_response> code_run(std::string_view code,
                                                    code_run_params params = code_run_params()) const;

  /// Starts a session: a shell that runs commands one after the other and keeps what they change of it, until `delete_session`.
  ///
  /// **Errors**: `errc::invalid_argument` if `session_id` is empty, `.` or `..`, or holds `/` or control characters; `conflict_error` if the session exists;
  /// else as `exec`.
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
  /// **Errors**: as `exec`. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
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
  /// `errc::session_ended` (a `gone_error`) if its shell has ended, as `exit` in a command makes it do; `errc::timeout` beyond `options.timeout`; else as `exec`.
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
  /// Endpoint: `GET /process/session/{sessionId}/command/{commandId}/logs?follow=true` (WebSocket).
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

  /// Starts a command in a session of its own, and streams what it writes: with its two outputs apart, its standard input open, and its exit code at the end.
  ///
  /// **Errors**: `errc::invalid_argument` if the command is blank or a name in `options.env` is malformed; `errc::bad_request` if `options.cwd` can't be
  /// entered; else as `exec`. The session of a command that could not be started is deleted, within 5 s.
  /// **Cancellation**: as an error; nothing runs on. **Timeout**: `config::request_timeout` for each step. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/session`, `POST /process/session/{sessionId}/exec`, and as `follow_session_command`.
  /// Example (`exec_stream`):
  ///
  ///     daytona::exec_stream_options options;
  ///     options.kill_on_cancel = true;
  ///     auto stream = co_await process.exec_stream("ls -l /; exit 3", options);
  ///     while (auto chunk = co_await stream.next()) fmt::print("{}", chunk->bytes);
  ///     const auto exit_code = co_await stream.wait();
  boost::asio::awaitable<command_stream> exec_stream(std::string_view command,
                                                     exec_stream_options options = exec_stream_options()) const;

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
  /// **Errors**: `not_found_error` if the sandbox has no entrypoint; else as `exec`.
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

  /// Starts a terminal with the sandbox's shell in it, and connects to it. It lives on without a connection, until its shell ends or it is killed.
  ///
  /// **Errors**: `errc::invalid_argument` if `session_id` is empty, `.` or `..`, or holds `/` or control characters, a name in `options.envs` is malformed or the size is
  /// not 1 to 1000; `conflict_error` if there is a terminal of this id; `bad_request_error` or `internal_server_error` if its shell could not be started; else as `exec`.
  /// **Cancellation**: the terminal may have come into being. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `GET /process/pty/create-connect` (WebSocket); where the server has none, `POST /process/pty` and `GET /process/pty/{sessionId}/connect`.
  /// Example (`create_pty_session`):
  ///
  ///     daytona::create_pty_options options;
  ///     options.pty_size = daytona::pty_size(40, 120);
  ///     daytona::pty_handle terminal = co_await process.create_pty_session("shell", options);
  ///     co_await terminal.send_input("ls\n");
  boost::asio::awaitable<pty_handle> create_pty_session(std::string_view session_id,
                                                        create_pty_options options = create_pty_options()) const;

  /// Connects to a terminal, as others may have done too: each gets all output from then on. Whether there is such a terminal shows in
  /// `pty_handle::wait_for_connection`.
  ///
  /// **Errors**: as `exec`. **Cancellation**: ends at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/pty/{sessionId}/connect` (WebSocket).
  /// Example (`connect_pty_session`):
  ///
  ///     daytona::pty_handle terminal = co_await process.connect_pty_session("shell");
  ///     co_await terminal.wait_for_connection();  // throws if there is none of this id
  ///     co_await terminal.send_input("date\n");
  boost::asio::awaitable<pty_handle> connect_pty_session(std::string_view session_id) const;

  /// All terminals whose shells run, in no order.
  ///
  /// **Errors**: as `exec`. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/pty`.
  /// Example (`list_pty_sessions`):
  ///
  ///     auto terminals = co_await process.list_pty_sessions();
  ///     for (const daytona::pty_session_info& terminal : terminals)
  ///       fmt::print("{}: {} by {}\n", terminal.id, terminal.cols, terminal.rows);
  boost::asio::awaitable<std::vector<pty_session_info>> list_pty_sessions() const;

  /// One terminal whose shell runs.
  ///
  /// **Errors**: `not_found_error` if there is none of this id, or its shell has ended.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/pty/{sessionId}`.
  /// Example (`get_pty_session_info`):
  ///
  ///     auto terminal = co_await process.get_pty_session_info("shell");
  ///     const bool is_wide = terminal.cols >= 120;
  ///     fmt::print("{} is {}\n", terminal.id, is_wide ? "wide" : "narrow");
  boost::asio::awaitable<pty_session_info> get_pty_session_info(std::string_view session_id) const;

  /// Changes a terminal's size.
  ///
  /// **Errors**: `errc::invalid_argument` outside 1 to 1000; `gone_error` if there is none of this id, or its shell has ended; else as `exec`.
  /// **Cancellation**: at once; its size may have changed. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `POST /process/pty/{sessionId}/resize`.
  /// Example (`resize_pty_session`):
  ///
  ///     daytona::pty_size size(50, 160);
  ///     auto terminal = co_await process.resize_pty_session("shell", size);
  ///     fmt::print("{} columns\n", terminal.cols);
  boost::asio::awaitable<pty_session_info> resize_pty_session(std::string_view session_id, pty_size size) const;

  /// Kills a terminal's shell and all it started.
  ///
  /// **Errors**: `not_found_error` if there is none of this id, or its shell has ended.
  /// **Cancellation**: at once; it may have been killed. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `DELETE /process/pty/{sessionId}`.
  /// Example (`kill_pty_session`):
  ///
  ///     auto terminals = co_await process.list_pty_sessions();
  ///     for (const daytona::pty_session_info& terminal : terminals)
  ///       if (terminal.id.starts_with("job-")) co_await process.kill_pty_session(terminal.id);
  boost::asio::awaitable<void> kill_pty_session(std::string_view session_id) const;

 private:
  friend class sandbox;
  explicit process(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
