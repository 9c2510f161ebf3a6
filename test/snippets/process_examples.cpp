// The examples in the comments of process.hpp.
#include <fmt/format.h>

#include <string>

#include "examples.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using daytona::process;

asio::awaitable<void> exec(process process) {
  // snippet: exec
  daytona::exec_options options;
  options.cwd = "/tmp";
  options.timeout = 30s;
  auto answer = co_await process.exec("ls *.log | wc -l", options);
  if (answer.exit_code == 0) fmt::print("{} logs\n", answer.result);
  // end
}

asio::awaitable<void> exec_argv(process process) {
  // snippet: exec_argv
  std::vector<std::string> argv{"grep", "-c", "it's $HOME, as it stands here", "/etc/hosts"};
  auto answer = co_await process.exec(argv);
  fmt::print("{} lines\n", answer.result);
  // end
}

asio::awaitable<void> code_run(process process) {
  // snippet: code_run
  daytona::code_run_params params;
  params.argv = {"6", "7"};
  auto answer = co_await process.code_run("import sys; print(int(sys.argv[1]) * int(sys.argv[2]))", params);
  fmt::print("{}", answer.result);
  // end
}

asio::awaitable<void> create_session(process process) {
  // snippet: create_session
  co_await process.create_session("build");
  daytona::session_execute_request request;
  request.command = "cd /tmp && export CC=clang";  // stays for the commands after it
  auto done = co_await process.execute_session_command("build", request);
  // end
  fmt::print("{}\n", done.exit_code.value_or(-1));
}

asio::awaitable<void> get_session(process process) {
  // snippet: get_session
  daytona::session session = co_await process.get_session("build");
  for (const daytona::command& command : session.commands)
    fmt::print("{} {}\n", command.command, command.exit_code ? "has ended" : "runs, or waits");
  // end
}

asio::awaitable<void> list_sessions(process process) {
  // snippet: list_sessions
  auto sessions = co_await process.list_sessions();
  for (const daytona::session& session : sessions)
    fmt::print("{}: {} commands\n", session.session_id, session.commands.size());
  // end
}

asio::awaitable<void> delete_session(process process) {
  // snippet: delete_session
  auto sessions = co_await process.list_sessions();
  for (const daytona::session& session : sessions)
    if (session.session_id.starts_with("build")) co_await process.delete_session(session.session_id);
  // end
}

asio::awaitable<std::string> execute_session_command(process process) {
  // snippet: execute_session_command
  daytona::session_execute_request request;
  request.command = "echo compiling; sleep 0.1; echo done";
  request.run_async = true;
  auto started = co_await process.execute_session_command("build", request);
  auto ended = co_await process.wait_session_command("build", started.cmd_id);
  // end
  co_return ended.id;
}

asio::awaitable<void> get_session_command(process process) {
  const auto id = co_await execute_session_command(process);
  // snippet: get_session_command
  daytona::command command = co_await process.get_session_command("build", id);
  const bool failed = command.exit_code.value_or(0) != 0;
  if (failed) fmt::print("{} failed\n", command.command);
  // end
}

asio::awaitable<void> get_session_command_logs(process process) {
  const auto id = co_await execute_session_command(process);
  // snippet: get_session_command_logs
  auto logs = co_await process.get_session_command_logs("build", id);
  fmt::print("{}", logs.stdout_);
  fmt::print(stderr, "{}", logs.stderr_);
  // end
}

asio::awaitable<void> follow_session_command(process process) {
  const auto id = co_await execute_session_command(process);
  // snippet: follow_session_command
  daytona::log_stream log = co_await process.follow_session_command("build", id);
  while (auto chunk = co_await log.next())
    if (chunk->source == daytona::log_source::stdout_) fmt::print("{}", chunk->bytes);
  // end
}

asio::awaitable<void> get_session_command_logs_async(process process) {
  const auto id = co_await execute_session_command(process);
  // snippet: get_session_command_logs_async
  daytona::output_handler<std::string_view> print = [](std::string_view bytes) { fmt::print("{}", bytes); };
  daytona::output_handler<std::string_view> none;
  co_await process.get_session_command_logs_async("build", id, print, none);
  // end
}

asio::awaitable<void> wait_session_command(process process) {
  const auto id = co_await execute_session_command(process);
  // snippet: wait_session_command
  daytona::wait_session_command_options options;
  options.on_stdout = [](std::string_view bytes) { fmt::print("{}", bytes); };
  options.timeout = 10min;
  daytona::command ended = co_await process.wait_session_command("build", id, options);
  if (ended.exit_code) fmt::print("ended with {}\n", *ended.exit_code);
  // end
}

asio::awaitable<void> exec_stream(process process) {
  // snippet: exec_stream
  daytona::exec_stream_options options;
  options.kill_on_cancel = true;
  auto stream = co_await process.exec_stream("ls -l /; exit 3", options);
  while (auto chunk = co_await stream.next()) fmt::print("{}", chunk->bytes);
  const auto exit_code = co_await stream.wait();
  // end
  fmt::print("{}\n", exit_code.value_or(-1));
}

asio::awaitable<void> send_session_command_input(process process) {
  // snippet: send_session_command_input
  daytona::session_execute_request request;
  request.command = "read answer; echo it was $answer";
  request.run_async = true;
  auto question = co_await process.execute_session_command("build", request);
  co_await process.send_session_command_input("build", question.cmd_id, "yes");
  // end
}

asio::awaitable<void> get_entrypoint_session(process process) {
  // snippet: get_entrypoint_session
  daytona::session entrypoint = co_await process.get_entrypoint_session();
  for (const daytona::command& command : entrypoint.commands)
    fmt::print("{} {}\n", command.command, command.exit_code ? "has ended" : "runs");
  // end
}

asio::awaitable<void> get_entrypoint_logs(process process) {
  // snippet: get_entrypoint_logs
  auto logs = co_await process.get_entrypoint_logs();
  const bool is_up = logs.stdout_.find("listening") != std::string::npos;
  fmt::print("the server is {}\n", is_up ? "up" : "not up yet");
  // end
}

}  // namespace

// Compiled alone: they go on as long as the entrypoint does.
asio::awaitable<void> follow_entrypoint(process process) {
  // snippet: follow_entrypoint
  daytona::log_stream log = co_await process.follow_entrypoint();
  while (auto chunk = co_await log.next())
    if (chunk->bytes.find("listening") != std::string::npos) break;
  // end
}

asio::awaitable<void> get_entrypoint_logs_async(process process) {
  // snippet: get_entrypoint_logs_async
  daytona::output_handler<std::string_view> print = [](std::string_view bytes) { fmt::print("{}", bytes); };
  daytona::output_handler<std::string_view> none;
  co_await process.get_entrypoint_logs_async(print, none);
  // end
}

std::vector<example> process_examples() {
  return {of("exec", exec),
          of("exec_argv", exec_argv),
          of("code_run", code_run),
          of("create_session", create_session),
          of("get_session", get_session),
          of("list_sessions", list_sessions),
          of("get_session_command", get_session_command),
          of("get_session_command_logs", get_session_command_logs),
          of("follow_session_command", follow_session_command),
          of("get_session_command_logs_async", get_session_command_logs_async),
          of("wait_session_command", wait_session_command),
          of("send_session_command_input", send_session_command_input),
          of("delete_session", delete_session),
          of("exec_stream", exec_stream),
          of("get_entrypoint_session", get_entrypoint_session),
          of("get_entrypoint_logs", get_entrypoint_logs)};
}
