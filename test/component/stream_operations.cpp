// Sessions, logs, terminals and the interpreter: their courses end with the peer's goodbye, so that each step of the socket's own matters to the caller.
#include <string>

#include "kit/web_socket_peer.hpp"
#include "operations.hpp"

namespace daytona::test {

namespace {

constexpr auto process_path = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process";
constexpr std::size_t piece = 100;

std::string line(std::string_view verb, std::string_view path) {
  return std::string(verb) + " " + process_path + std::string(path) + " HTTP/1.1";
}

/// The plan of an operation that is one request.
std::function<void(script&)> answered(std::string_view verb, std::string_view path, unsigned status,
                                      std::string_view body) {
  return [expected = line(verb, path), status, text = std::string(body)](script& plot) {
    plot.reply(expected, status, text);
  };
}

/// The plan of an operation that opens a WebSocket; its peer says `frames` with the answer, and closes.
std::function<void(script&)> opened(std::string_view path, std::string frames) {
  return [expected = line("GET", path), said = std::move(frames)](script& plot) { plot.upgrade(expected, said, true); };
}

/// The same, and what the peer sends takes several reads.
std::function<void(script&)> streamed(std::string_view path, std::string frames) {
  return [open = opened(path, std::move(frames))](script& plot) {
    plot.piece = piece;
    open(plot);
  };
}

/// The same; it says `frames` only after the first message.
std::function<void(script&)> conversed(std::string_view path, std::string first, std::string frames) {
  return [expected = line("GET", path), hello = std::move(first), said = std::move(frames)](script& plot) {
    plot.upgrade(expected, hello);
    plot.on_message = [said](const std::string&) { return said; };
  };
}

const auto goodbye = close_frame(1000);
const auto log_frames =
    binary_frame("\1\1\1one\n\2\2\2two\n") + binary_frame("\1\1\1" + std::string(2 * piece, 'x') + "\n") + goodbye;
const auto connected = text_frame(R"({"type":"control","status":"connected"})");
const auto exited = text_frame(R"({"type":"control","status":"exited","exitCode":0})") + goodbye;
const auto completed =
    text_frame(R"({"type":"stdout","text":"a"})") + text_frame(R"({"type":"control","text":"completed"})") + goodbye;

constexpr auto session_text = R"({"sessionId":"s","commands":[]})";
constexpr auto command_text = R"({"id":"c","command":"true","exitCode":0})";
constexpr auto done_text = R"({"cmdId":"c","output":"","exitCode":0})";
constexpr auto logs_text = R"({"output":"","stdout":"","stderr":""})";
constexpr auto pty_text = R"({"id":"p","cwd":"/","envs":{},"cols":80,"rows":24,"active":true})";
constexpr auto context_text = R"({"id":"x","cwd":"/","language":"python"})";
constexpr auto log_path = "/session/s/command/c/logs?follow=true";
constexpr auto entrypoint_path = "/session/entrypoint/logs?follow=true";
constexpr auto pty_path = "/pty/create-connect?id=p&cols=80&rows=24";
constexpr auto run_path = "/interpreter/execute";

void wait_plan(script& plot) {
  streamed(log_path, log_frames)(plot);
  plot.reply(line("GET", "/session/s/command/c"), 200, command_text);
}

void old_pty_plan(script& plot) {
  plot.reply(line("GET", pty_path), 404, R"({"error":"PTY session not found"})");
  plot.reply(line("POST", "/pty"), 201, R"({"sessionId":"p"})");
  plot.upgrade(line("GET", "/pty/p/connect"), connected + exited, true);
}

/// The session has a name by chance. That of a command that could not be started is deleted, whether or not it came into being.
void start_plan(script& plot, const std::string& frames) {
  plot.reply(line("POST", "/session"), 201, "{}").reply(line("POST", "/session/exec-*/exec"), 200, done_text);
  plot.reply(line("POST", "/session/exec-*/exec"), 202, R"({"cmdId":"c"})");
  plot.upgrade(line("GET", "/session/exec-*/command/c/logs?follow=true"), frames, true);
  plot.otherwise = [](const std::string&) { return http_answer(200, "{}"); };
}

void started_plan(script& plot) { start_plan(plot, goodbye); }
void read_plan(script& plot) { start_plan(plot, log_frames); }

void waited_plan(script& plot) {
  start_plan(plot, log_frames);
  plot.reply(line("GET", "/session/exec-*/command/c"), 200, command_text);
  plot.reply(line("DELETE", "/session/exec-*"), 200, "{}");
}

void fed_plan(script& plot) {
  started_plan(plot);
  plot.reply(line("POST", "/session/exec-*/command/c/input"), 200, "{}");
}

void killed_plan(script& plot) {
  started_plan(plot);
  plot.reply(line("DELETE", "/session/exec-*"), 200, "{}");
}

process of(client_fixture& fixture) { return fixture.sandbox().process(); }
code_interpreter interpreter_of(client_fixture& fixture) { return fixture.sandbox().code_interpreter(); }

asio::awaitable<void> execute(client_fixture& fixture) {
  session_execute_request request;
  request.command = "true";
  session_command_options options;
  options.timeout = std::chrono::seconds(10);
  return discard(of(fixture).execute_session_command("s", request, options));
}

template <class Stream>
asio::awaitable<void> read_to_end(Stream stream) {
  for (;;) {
    const auto something = co_await stream.next();
    if (!something) co_return;
  }
}

asio::awaitable<void> follow_to_end(client_fixture& fixture) {
  auto logs = co_await of(fixture).follow_session_command("s", "c");
  co_await read_to_end(logs);
}

asio::awaitable<void> close_log(client_fixture& fixture) {
  auto logs = co_await of(fixture).follow_session_command("s", "c");
  co_await logs.close();
}

void ignore(std::string_view) {}

asio::awaitable<command_stream> start(client_fixture& fixture) {
  exec_stream_options options;
  options.cwd = "/srv";
  options.kill_on_cancel = true;
  return of(fixture).exec_stream("true", options);
}

/// Starts a command or opens a terminal, and does something with it.
template <class Use>
auto with_command(Use use) {
  return [use](client_fixture& fixture) -> asio::awaitable<void> {
    auto stream = co_await start(fixture);
    co_await use(stream);
  };
}

template <class Use>
auto with_pty(Use use) {
  return [use](client_fixture& fixture) -> asio::awaitable<void> {
    auto pty = co_await of(fixture).create_pty_session("p");
    co_await use(pty);
  };
}

asio::awaitable<void> wait_for_pty(client_fixture& fixture) {
  auto pty = co_await of(fixture).create_pty_session("p");
  co_await pty.wait_for_connection();
  co_await pty.wait();
}

asio::awaitable<void> read_pty(client_fixture& fixture) {
  auto pty = co_await of(fixture).create_pty_session("p");
  for (bool more = true; more;) {
    const auto output = co_await pty.read();
    more = !output.empty();
  }
}

asio::awaitable<void> type_into_pty(client_fixture& fixture) {
  auto pty = co_await of(fixture).create_pty_session("p");
  co_await pty.send_input("exit\n");
  co_await pty.wait();
}

void resize_plan(script& plot) {
  opened(pty_path, connected + exited)(plot);
  plot.reply(line("POST", "/pty/p/resize"), 200, pty_text);
}

void kill_plan(script& plot) {
  opened(pty_path, connected + exited)(plot);
  plot.reply(line("DELETE", "/pty/p"), 200, "{}");
}

asio::awaitable<void> stream_code(client_fixture& fixture) {
  auto stream = co_await interpreter_of(fixture).stream_code("1");
  co_await read_to_end(stream);
}

asio::awaitable<void> delete_context(client_fixture& fixture) {
  interpreter_context context;
  context.id = "x";
  return interpreter_of(fixture).delete_context(context);
}

/// A course of several calls, between which Asio itself tells of a cancellation.
disturbed_operation of_several(disturbed_operation course) {
  course.has_body = true;
  return course;
}

}  // namespace

const std::vector<public_operation>& stream_operations() {
  static const auto whole_log = streamed(log_path, log_frames);
  static const auto whole_pty = streamed(pty_path, connected + binary_frame(std::string(2 * piece, 'x')) + exited);
  static const auto run = conversed(run_path, "", completed);
  static const std::vector<public_operation> all{
      {"process_sessions::create_session",
       {answered("POST", "/session", 201, "{}"), [](auto& with) { return of(with).create_session("s"); }}},
      {"process_sessions::get_session",
       {answered("GET", "/session/s", 200, session_text),
        [](auto& with) { return discard(of(with).get_session("s")); }}},
      {"process_sessions::list_sessions",
       {answered("GET", "/session", 200, "[]"), [](auto& with) { return discard(of(with).list_sessions()); }}},
      {"process_sessions::delete_session",
       {answered("DELETE", "/session/s", 200, "{}"), [](auto& with) { return of(with).delete_session("s"); }}},
      {"process_sessions::execute_session_command", {answered("POST", "/session/s/exec", 200, done_text), execute}},
      {"process_sessions::get_session_command",
       {answered("GET", "/session/s/command/c", 200, command_text),
        [](auto& with) { return discard(of(with).get_session_command("s", "c")); }}},
      {"process_sessions::get_session_command_logs",
       {answered("GET", "/session/s/command/c/logs", 200, logs_text),
        [](auto& with) { return discard(of(with).get_session_command_logs("s", "c")); }}},
      {"process_sessions::send_session_command_input",
       {answered("POST", "/session/s/command/c/input", 200, "{}"),
        [](auto& with) { return of(with).send_session_command_input("s", "c", "x"); }}},
      {"process_sessions::follow_session_command",
       {opened(log_path, goodbye), [](auto& with) { return discard(of(with).follow_session_command("s", "c")); }}},
      {"process_sessions::get_session_command_logs_async",
       {whole_log, [](auto& with) { return of(with).get_session_command_logs_async("s", "c", ignore, ignore); }}},
      {"process_sessions::wait_session_command",
       {wait_plan, [](auto& with) { return discard(of(with).wait_session_command("s", "c")); }}},
      {"process::exec_stream", {started_plan, [](auto& with) { return discard(start(with)); }}},
      {"process_sessions::get_entrypoint_session",
       {answered("GET", "/session/entrypoint", 200, session_text),
        [](auto& with) { return discard(of(with).get_entrypoint_session()); }}},
      {"process_sessions::get_entrypoint_logs",
       {answered("GET", "/session/entrypoint/logs", 200, logs_text),
        [](auto& with) { return discard(of(with).get_entrypoint_logs()); }}},
      {"process_sessions::follow_entrypoint",
       {opened(entrypoint_path, goodbye), [](auto& with) { return discard(of(with).follow_entrypoint()); }}},
      {"process_sessions::get_entrypoint_logs_async",
       {streamed(entrypoint_path, log_frames),
        [](auto& with) { return of(with).get_entrypoint_logs_async(ignore, ignore); }}},
      {"log_stream::next", of_several({whole_log, follow_to_end})},
      {"log_stream::close", of_several({conversed(log_path, "", ""), close_log})},
      {"command_stream::next", of_several({read_plan, with_command([](auto& stream) { return read_to_end(stream); })})},
      {"command_stream::wait",
       of_several({waited_plan, with_command([](auto& stream) { return discard(stream.wait()); })})},
      {"command_stream::send_input",
       of_several({fed_plan, with_command([](auto& stream) { return stream.send_input("x"); })})},
      {"command_stream::kill", of_several({killed_plan, with_command([](auto& stream) { return stream.kill(); })})},
      {"process::create_pty_session",
       {opened(pty_path, connected + exited), [](auto& with) { return discard(of(with).create_pty_session("p")); }}},
      {"process::create_pty_session, of a server that does not do it at once",
       {old_pty_plan, [](auto& with) { return discard(of(with).create_pty_session("p")); }}},
      {"process::connect_pty_session",
       {opened("/pty/p/connect", connected + exited),
        [](auto& with) { return discard(of(with).connect_pty_session("p")); }}},
      {"process::list_pty_sessions",
       {answered("GET", "/pty", 200, R"({"sessions":[]})"),
        [](auto& with) { return discard(of(with).list_pty_sessions()); }}},
      {"process::get_pty_session_info",
       {answered("GET", "/pty/p", 200, pty_text),
        [](auto& with) { return discard(of(with).get_pty_session_info("p")); }}},
      {"process::resize_pty_session",
       {answered("POST", "/pty/p/resize", 200, pty_text),
        [](auto& with) { return discard(of(with).resize_pty_session("p", pty_size())); }}},
      {"process::kill_pty_session",
       {answered("DELETE", "/pty/p", 200, "{}"), [](auto& with) { return of(with).kill_pty_session("p"); }}},
      {"pty_handle::wait_for_connection", of_several({whole_pty, wait_for_pty})},
      {"pty_handle::next", of_several({whole_pty, with_pty([](auto& pty) { return read_to_end(pty); })})},
      {"pty_handle::read", of_several({whole_pty, read_pty})},
      {"pty_handle::wait", of_several({whole_pty, wait_for_pty})},
      {"pty_handle::send_input", of_several({conversed(pty_path, connected, exited), type_into_pty})},
      {"pty_handle::resize",
       of_several({resize_plan, with_pty([](auto& pty) { return discard(pty.resize(pty_size())); })})},
      {"pty_handle::kill", of_several({kill_plan, with_pty([](auto& pty) { return pty.kill(); })})},
      {"pty_handle::disconnect",
       of_several({conversed(pty_path, connected, ""), with_pty([](auto& pty) { return pty.disconnect(); })})},
      {"code_interpreter::run_code", {run, [](auto& with) { return discard(interpreter_of(with).run_code("1")); }}},
      {"code_interpreter::stream_code", of_several({run, stream_code})},
      {"execution_stream::next", of_several({run, stream_code})},
      {"code_interpreter::create_context",
       {answered("POST", "/interpreter/context", 200, context_text),
        [](auto& with) { return discard(interpreter_of(with).create_context()); }}},
      {"code_interpreter::list_contexts",
       {answered("GET", "/interpreter/context", 200, R"({"contexts":[]})"),
        [](auto& with) { return discard(interpreter_of(with).list_contexts()); }}},
      {"code_interpreter::delete_context", {answered("DELETE", "/interpreter/context/x", 200, "{}"), delete_context}},
  };
  return all;
}

}  // namespace daytona::test
