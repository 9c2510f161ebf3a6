#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/command_stream.hpp"
#include "daytona/detail/export.hpp"
#include "daytona/execution.hpp"
#include "daytona/process_sessions.hpp"
#include "daytona/pty.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// Runs commands, code and terminals in one sandbox, and its sessions (`process_sessions`). A cheap handle that shares the sandbox's state and may outlive every other handle.
///
/// **Lifetimes**: arguments are copied before a call returns, handlers too; its awaitable and what it gives keep the state of the sandbox and its client.
/// **Thread safety**: safe on a shared handle.
class DAYTONA_API process : public process_sessions {
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

  /// Starts a terminal with the sandbox's shell in it, and connects to it. It lives on without a connection, until its shell ends or it is killed.
  ///
  /// **Errors**: `errc::invalid_argument` if `session_id` is empty, `.` or `..`, or holds `/` or control characters, a name in `options.envs` is malformed or the size is
  /// not 1 to 1000; `conflict_error` if there is a terminal of this id; `bad_request_error` or `internal_server_error` if its shell could not be started; else as `exec`.
  /// **Cancellation**: the terminal may have come into being. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `GET /process/pty/create-connect` (WebSocket); where the server has none, `POST /process/pty` and `GET /process/pty/{sessionId}/connect`.
  /// Sample: samples/interactive_shell.cpp.
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
};

}  // namespace daytona::inline v0
