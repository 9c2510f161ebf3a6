// The examples in the comments of log_stream.hpp, command_stream.hpp, pty.hpp, code_interpreter.hpp, and of terminals in process.hpp.
#include <daytona/text_decoder.hpp>

#include <fmt/format.h>

#include <string>

#include "examples.hpp"

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

asio::awaitable<daytona::log_stream> new_log(daytona::process process, std::string session) {
  co_await process.create_session(session);
  daytona::session_execute_request request;
  request.command = "echo one; echo two >&2";
  request.run_async = true;
  auto started = co_await process.execute_session_command(session, request);
  co_return co_await process.follow_session_command(session, started.cmd_id);
}

asio::awaitable<void> read_log(daytona::process process) {
  auto log = co_await new_log(process, "read");
  // snippet: log_next
  daytona::text_decoder text;
  while (auto chunk = co_await log.next()) fmt::print("{}", text.put(chunk->bytes));
  fmt::print("{}", text.finish());
  // end
}

asio::awaitable<void> close_log(daytona::process process) {
  auto log = co_await new_log(process, "closed");
  // snippet: log_close
  auto first = co_await log.next();
  if (first) fmt::print("{}", first->bytes);
  co_await log.close();
  // end
}

asio::awaitable<void> read_command(daytona::process process) {
  auto stream = co_await process.exec_stream("echo one; echo two >&2");
  // snippet: command_next
  while (auto chunk = co_await stream.next()) {
    const bool is_error = chunk->source == daytona::log_source::stderr_;
    fmt::print(is_error ? stderr : stdout, "{}", chunk->bytes);
  }
  // end
  co_await stream.kill();
}

asio::awaitable<void> feed_command(daytona::process process) {
  // snippet: command_send_input
  auto stream = co_await process.exec_stream("read name; echo hello $name");
  co_await stream.send_input("world");
  auto answer = co_await stream.next();
  // end
  if (answer) fmt::print("{}", answer->bytes);
  co_await stream.kill();
}

asio::awaitable<void> wait_for_command(daytona::process process) {
  // snippet: command_wait
  auto stream = co_await process.exec_stream("(exit 3)");
  const auto exit_code = co_await stream.wait();
  if (exit_code) fmt::print("ended with {}\n", *exit_code);
  // end
}

asio::awaitable<void> kill_command(daytona::process process) {
  // snippet: command_kill
  auto stream = co_await process.exec_stream("yes");
  auto first = co_await stream.next();
  co_await stream.kill();
  // end
}

}  // namespace

std::vector<example> stream_examples() {
  return {of("log_next", read_log),
          of("log_close", close_log),
          of("command_next", read_command),
          of("command_send_input", feed_command),
          of("command_wait", wait_for_command),
          of("command_kill", kill_command)};
}

// What follows is compiled alone: the local backend has neither terminals nor an interpreter.

asio::awaitable<void> create_pty_session(daytona::process process) {
  // snippet: create_pty_session
  daytona::create_pty_options options;
  options.pty_size = daytona::pty_size(40, 120);
  daytona::pty_handle terminal = co_await process.create_pty_session("shell", options);
  co_await terminal.send_input("ls\n");
  // end
}

asio::awaitable<void> connect_pty_session(daytona::process process) {
  // snippet: connect_pty_session
  daytona::pty_handle terminal = co_await process.connect_pty_session("shell");
  co_await terminal.wait_for_connection();  // throws if there is none of this id
  co_await terminal.send_input("date\n");
  // end
}

asio::awaitable<void> list_pty_sessions(daytona::process process) {
  // snippet: list_pty_sessions
  auto terminals = co_await process.list_pty_sessions();
  for (const daytona::pty_session_info& terminal : terminals)
    fmt::print("{}: {} by {}\n", terminal.id, terminal.cols, terminal.rows);
  // end
}

asio::awaitable<void> get_pty_session_info(daytona::process process) {
  // snippet: get_pty_session_info
  auto terminal = co_await process.get_pty_session_info("shell");
  const bool is_wide = terminal.cols >= 120;
  fmt::print("{} is {}\n", terminal.id, is_wide ? "wide" : "narrow");
  // end
}

asio::awaitable<void> resize_pty_session(daytona::process process) {
  // snippet: resize_pty_session
  daytona::pty_size size(50, 160);
  auto terminal = co_await process.resize_pty_session("shell", size);
  fmt::print("{} columns\n", terminal.cols);
  // end
}

asio::awaitable<void> kill_pty_session(daytona::process process) {
  // snippet: kill_pty_session
  auto terminals = co_await process.list_pty_sessions();
  for (const daytona::pty_session_info& terminal : terminals)
    if (terminal.id.starts_with("job-")) co_await process.kill_pty_session(terminal.id);
  // end
}

asio::awaitable<void> wait_for_connection(daytona::pty_handle terminal) {
  // snippet: pty_wait_for_connection
  co_await terminal.wait_for_connection();
  const bool has_ended = !terminal.is_connected();
  if (has_ended) fmt::print("its shell has ended already\n");
  // end
}

asio::awaitable<void> read_terminal(daytona::pty_handle terminal) {
  // snippet: pty_next
  daytona::text_decoder text;
  while (auto output = co_await terminal.next()) fmt::print("{}", text.put(*output));
  if (terminal.exit_code()) fmt::print("the shell ended with {}\n", *terminal.exit_code());
  // end
}

asio::awaitable<void> read_until_prompt(daytona::pty_handle terminal) {
  // snippet: pty_read
  std::string seen;
  while (seen.find("$ ") == std::string::npos) {
    const std::string output = co_await terminal.read();
    if (output.empty()) break;
    seen += output;
  }
  // end
}

asio::awaitable<void> type(daytona::pty_handle terminal) {
  // snippet: pty_send_input
  co_await terminal.send_input("sleep 60\n");
  co_await terminal.send_input("\x03");  // Ctrl+C
  co_await terminal.send_input("exit\n");
  // end
}

asio::awaitable<void> resize(daytona::pty_handle terminal) {
  // snippet: pty_resize
  daytona::pty_size size(50, 160);
  auto now = co_await terminal.resize(size);
  fmt::print("{} columns\n", now.cols);
  // end
}

asio::awaitable<void> wait_for_shell(daytona::pty_handle terminal) {
  // snippet: pty_wait
  co_await terminal.send_input("exit 3\n");
  daytona::pty_result ended = co_await terminal.wait();
  if (ended.exit_code) fmt::print("ended with {}\n", *ended.exit_code);
  // end
}

asio::awaitable<void> kill_terminal(daytona::pty_handle terminal) {
  // snippet: pty_kill
  co_await terminal.kill();
  daytona::pty_result ended = co_await terminal.wait();
  fmt::print("{}\n", ended.error.value_or("in order"));
  // end
}

asio::awaitable<void> disconnect(daytona::process process, daytona::pty_handle terminal) {
  // snippet: pty_disconnect
  const std::string id = terminal.session_id();
  co_await terminal.disconnect();
  daytona::pty_handle again = co_await process.connect_pty_session(id);
  // end
}

asio::awaitable<void> run_code(daytona::code_interpreter interpreter) {
  // snippet: run_code
  daytona::run_code_options options;
  options.on_stdout = [](const daytona::output_message& said) { fmt::print("{}", said.output); };
  auto ended = co_await interpreter.run_code("x = 6 * 7\nprint(x)", options);
  if (ended.error) fmt::print("{}\n", ended.error->traceback);
  // end
}

asio::awaitable<void> stream_code(daytona::code_interpreter interpreter) {
  // snippet: stream_code
  daytona::run_code_options options;
  options.timeout = 30s;
  daytona::execution_stream program = co_await interpreter.stream_code("1 / 0", options);
  while (auto event = co_await program.next())
    if (event->kind == daytona::execution_event::type::error) fmt::print("{}\n", event->error.name);
  // end
}

asio::awaitable<void> next_event(daytona::execution_stream program) {
  // snippet: execution_next
  while (auto event = co_await program.next()) {
    const bool is_text = event->kind != daytona::execution_event::type::error;
    fmt::print("{}", is_text ? event->text : event->error.traceback);
  }
  // end
}

asio::awaitable<void> create_context(daytona::code_interpreter interpreter) {
  // snippet: create_context
  daytona::run_code_options options;
  options.context = co_await interpreter.create_context();
  co_await interpreter.run_code("x = 1", options);
  co_await interpreter.run_code("print(x)", options);
  // end
}

asio::awaitable<void> list_contexts(daytona::code_interpreter interpreter) {
  // snippet: list_contexts
  auto contexts = co_await interpreter.list_contexts();
  fmt::print("{} besides the default context\n", contexts.size());
  for (const daytona::interpreter_context& context : contexts) fmt::print("{} in {}\n", context.id, context.cwd);
  // end
}

asio::awaitable<void> delete_context(daytona::code_interpreter interpreter) {
  // snippet: delete_context
  daytona::run_code_options options;
  options.context = co_await interpreter.create_context();
  co_await interpreter.run_code("x = 1", options);
  co_await interpreter.delete_context(*options.context);
  // end
}
