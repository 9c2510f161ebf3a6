#include "model/session.hpp"

#include <cstdint>
#include <limits>
#include <utility>

#include "model/fields.hpp"

namespace daytona::model {
namespace {

constexpr field_table create_session_fields({required<&create_session_request::session_id>("sessionId")});
constexpr field_table input_fields({required<&session_input_request::data>("data")});
constexpr field_table logs_fields({
    required_or_null<&session_command_logs::output>("output"),
    member<&session_command_logs::stdout_>("stdout"),
    member<&session_command_logs::stderr_>("stderr"),
});

// As they are on the wire, where an exit code is any number.
struct execute_body {
  std::string command;
  bool run_async = false;
  bool legacy_async = false;
  bool suppress_input_echo = false;
};
constexpr field_table execute_command_fields({
    required<&execute_body::command>("command"),
    member<&execute_body::run_async>("runAsync"),
    member<&execute_body::legacy_async>("async"),
    member<&execute_body::suppress_input_echo>("suppressInputEcho"),
});

struct execute_command_answer {
  std::string cmd_id;
  std::optional<std::string> output, out, err;
  std::optional<std::int64_t> exit_code;
};
constexpr field_table command_answer_fields({
    required<&execute_command_answer::cmd_id>("cmdId"),
    member<&execute_command_answer::output>("output"),
    member<&execute_command_answer::out>("stdout"),
    member<&execute_command_answer::err>("stderr"),
    member<&execute_command_answer::exit_code>("exitCode"),
});

struct command_answer {
  std::string id, command;
  std::optional<std::int64_t> exit_code;
};
constexpr field_table command_fields({
    required<&command_answer::id>("id"),
    required_or_null<&command_answer::command>("command"),
    member<&command_answer::exit_code>("exitCode"),
});

constexpr field_table session_fields({
    required<&session::session_id>("sessionId"),
    required_or_null<&session::commands>("commands"),
});

void read_exit_code(const json_node& node, const std::optional<std::int64_t>& code, std::optional<int>& out) {
  if (!code) return;
  if (!std::in_range<int>(*code)) return node.expect_failed("an exit code");
  out = static_cast<int>(*code);
}

void write_or_null(json_writer& out, std::string_view name, const std::optional<std::string>& text) {
  out.key(name);
  if (text)
    out.value(std::string_view(*text));
  else
    out.null();
}

}  // namespace

void read(const json_node& node, create_session_request& out) { read_fields(node, out, create_session_fields); }
void write(json_writer& out, const create_session_request& request) {
  write_fields<create_session_request>(out, request, create_session_fields);
}

void read(const json_node& node, session_input_request& out) { read_fields(node, out, input_fields); }
void write(json_writer& out, const session_input_request& request) {
  write_fields<session_input_request>(out, request, input_fields);
}

void read(const json_node& node, session_execute_request& out) {
  execute_body body;
  read_fields(node, body, execute_command_fields);
  out.command = std::move(body.command);
  out.run_async = body.run_async || body.legacy_async;
  out.suppress_input_echo = body.suppress_input_echo;
}

void write(json_writer& out, const session_execute_request& request) {
  out.begin_object();
  out.member("command", std::string_view(request.command));
  out.member("runAsync", request.run_async);
  if (request.suppress_input_echo) out.member("suppressInputEcho", true);
  out.end_object();
}

void read(const json_node& node, session_execute_response& out) {
  execute_command_answer answer;
  read_fields(node, answer, command_answer_fields);
  read_exit_code(node, answer.exit_code, out.exit_code);
  out.cmd_id = std::move(answer.cmd_id);
  out.output = std::move(answer.output);
  out.stdout_ = std::move(answer.out);
  out.stderr_ = std::move(answer.err);
}

void write(json_writer& out, const session_execute_response& response) {
  out.begin_object();
  out.member("cmdId", std::string_view(response.cmd_id));
  write_or_null(out, "output", response.output);
  write_or_null(out, "stdout", response.stdout_);
  write_or_null(out, "stderr", response.stderr_);
  out.key("exitCode");
  if (response.exit_code)
    out.value(*response.exit_code);
  else
    out.null();
  out.end_object();
}

void read(const json_node& node, command& out) {
  command_answer answer;
  read_fields(node, answer, command_fields);
  read_exit_code(node, answer.exit_code, out.exit_code);
  out.id = std::move(answer.id);
  out.command = std::move(answer.command);
}

void write(json_writer& out, const command& one) {
  out.begin_object();
  out.member("id", std::string_view(one.id));
  out.member("command", std::string_view(one.command));
  if (one.exit_code) out.member("exitCode", *one.exit_code);
  out.end_object();
}

void read(const json_node& node, session& out) { read_fields(node, out, session_fields); }
void write(json_writer& out, const session& one) { write_fields<session>(out, one, session_fields); }

void read(const json_node& node, session_command_logs& out) { read_fields(node, out, logs_fields); }
void write(json_writer& out, const session_command_logs& logs) {
  write_fields<session_command_logs>(out, logs, logs_fields);
}

}  // namespace daytona::model
