#include "local/toolbox/session/session_service.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

#include "local/http/body_share.hpp"
#include "local/http/http_error.hpp"
#include "local/http/target.hpp"
#include "local/toolbox/request_fields.hpp"
#include "local/toolbox/service.hpp"
#include "local/toolbox/session/entrypoint.hpp"
#include "local/toolbox/session/log_answer.hpp"
#include "local/toolbox/session/log_socket.hpp"
#include "local/toolbox/session/output_format.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;
using sessions_ptr = std::shared_ptr<sessions>;
using command_ptr = std::shared_ptr<session_command>;

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::size_t request_limit = 64 * 1024 * 1024;  // a script with its data inside

template <class Read>
auto read_session_request(const std::string& body, const char* prefix, const char* code, Read read) {
  try {
    return read(request_fields{body});
  } catch (const std::invalid_argument& refused) {
    throw http_error{400, std::string{prefix} + refused.what(), code};
  }
}

std::string read_session_id(const request_fields& fields) { return fields.text("sessionId"); }

command_request read_command(const request_fields& fields) {
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  command_request request;
  request.text = fields.text("command");
  request.is_asynchronous = fields.flag("runAsync") || fields.flag("async");
  request.suppresses_echo = fields.flag("suppressInputEcho");
  if (std::all_of(request.text.begin(), request.text.end(), is_space))
    throw std::invalid_argument{"command is required, and must not be blank"};
  if (request.text.find('\0') != std::string::npos) throw std::invalid_argument{"command must not contain NUL"};
  return request;
}

std::string read_input(const request_fields& fields) {
  auto data = fields.text("data");
  if (data.empty()) throw std::invalid_argument{"data is required; a line break alone is Enter"};
  return data;
}

asio::awaitable<void> write_command(piecewise_answer& answer, command_ptr command) {
  answer.text() += "{\"id\":";
  model::json_writer{answer.text()}.value(command->id());
  answer.text() += ",\"command\":";
  co_await write_json_text(answer, command->text());
  if (const auto code = command->exit_code()) answer.text() += ",\"exitCode\":" + std::to_string(*code);
  answer.text() += '}';
  co_await answer.pass_on();
}

asio::awaitable<void> write_session(piecewise_answer& answer, std::string id, std::vector<command_ptr> commands) {
  answer.text() += "{\"sessionId\":";
  model::json_writer{answer.text()}.value(id);
  answer.text() += ",\"commands\":[";
  for (const auto& each : commands) {
    if (&each != &commands.front()) answer.text() += ',';
    co_await write_command(answer, each);
  }
  answer.text() += "]}";
}

http::response json_response(std::string text, unsigned status = 200) { return {status, std::move(text)}; }

http::response empty_response(unsigned status) {
  http::response answer;
  answer.status = status;
  return answer;
}

void refuse_entrypoint(const std::string& session_id, const char* what) {
  if (session_id == entrypoint_session_id)
    throw http_error{400, std::string{"bad request: can't "} + what + " entrypoint session", "BAD_REQUEST"};
}

asio::awaitable<void> create_session(http::exchange& exchange, sessions_ptr all, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, request_limit);
  const auto id = read_session_request(body, "invalid body request: ", "INVALID_REQUEST_BODY", read_session_id);
  const auto made =
      all->create(id, begins_sessions_at_home(exchange.head().headers) ? home_directory() : std::string{});
  co_await session::wait_for_start(made);
  http::response answer = empty_response(201);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> list_sessions(http::exchange& exchange, sessions_ptr all) {
  piecewise_answer answer{exchange, json_type};
  answer.text() += '[';
  const auto found = all->all();
  for (const auto& each : found) {
    if (&each != &found.front()) answer.text() += ',';
    co_await write_session(answer, each->id(), each->commands());
  }
  answer.text() += ']';
  co_await answer.finish();
}

asio::awaitable<void> show_session(http::exchange& exchange, sessions_ptr all, std::string id) {
  std::vector<command_ptr> commands;
  if (id == entrypoint_session_id)
    commands.push_back(all->entrypoint());
  else
    commands = all->get(id)->commands();
  piecewise_answer answer{exchange, json_type};
  co_await write_session(answer, id, std::move(commands));
  co_await answer.finish();
}

asio::awaitable<void> delete_session(http::exchange& exchange, sessions_ptr all, std::string id) {
  refuse_entrypoint(id, "delete");
  co_await sessions::remove(all, id);
  http::response answer = empty_response(204);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> show_command(http::exchange& exchange, sessions_ptr all, http::path_parameters ids) {
  piecewise_answer answer{exchange, json_type};
  const auto command = all->command(ids[0], ids[1]);
  co_await write_command(answer, command);
  co_await answer.finish();
}

http::response started_answer(const session_command& command) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.member("cmdId", command.id());
  for (const char* unknown : {"output", "stdout", "stderr", "exitCode"}) {
    out.key(unknown);
    out.null();
  }
  out.end_object();
  return json_response(std::move(text), 202);
}

asio::awaitable<void> answer_with_result(http::exchange& exchange, command_ptr command, opened_log log) {
  piecewise_answer answer{exchange, json_type};
  const auto format = output_format_of(exchange.head().headers);
  answer.text() += "{\"cmdId\":";
  model::json_writer{answer.text()}.value(command->id());
  answer.text() += ',';
  co_await write_log_members(answer, log, command->log()->size(), format, true);
  answer.text() += ",\"exitCode\":" + std::to_string(command->exit_code().value_or(-1)) + "}";
  co_await answer.finish();
}

/// Ends when the command is over, or nobody waits for its answer any longer: then it goes on by itself. Returns its log, if it has begun: opened then, as
/// it may delete it.
asio::awaitable<opened_log> wait_for_command(http::exchange& exchange, command_ptr command) {
  const auto has_left = std::make_shared<bool>(false);
  exchange.when_client_leaves([has_left, command] {
    *has_left = true;
    command->changed().tell();
  });
  opened_log log;
  while (!command->is_over() && !*has_left) {
    if (command->has_begun() && !log) log = open_log(*command->log());
    co_await command->changed().next();
  }
  co_return log;
}

[[noreturn]] void refuse_unbegun(const session& where, const session_command& command) {
  if (where.has_ended()) throw http_error{410, "gone: the session ended before the command began", "SESSION_ENDED"};
  throw http_error{500, "failed to execute command: " + command.why_unbegun()};
}

asio::awaitable<void> execute_in_session(http::exchange& exchange, sessions_ptr all, std::string id,
                                         http::budget_ptr bodies) {
  refuse_entrypoint(id, "execute command in");
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, request_limit);
  const auto request = read_session_request(body, "bad request: ", "BAD_REQUEST", read_command);
  const auto where = all->get(id);
  const auto command = where->add(request);
  if (request.is_asynchronous) {
    http::response answer = started_answer(*command);
    co_await exchange.respond(std::move(answer));
    co_return;
  }
  const opened_log log = co_await wait_for_command(exchange, command);
  if (!command->is_over()) co_return;  // nobody is there to be answered
  if (where->is_deleted())
    throw http_error{410, "gone: the session was deleted while the command ran", "SESSION_ENDED"};
  if (!command->has_begun()) refuse_unbegun(*where, *command);
  co_await answer_with_result(exchange, command, log);
}

void check_takes_input(const session_command& command) {
  if (command.is_over() && !command.has_begun())
    throw http_error{410, "gone: the session ended before the command began", "SESSION_ENDED"};
  if (command.is_over())
    throw http_error{410, "gone: command has already completed with exit code " + std::to_string(*command.exit_code()),
                     "COMMAND_ALREADY_COMPLETED"};
  if (!command.takes_input())
    throw http_error{400, "bad request: a command takes input only if it was started with runAsync", "BAD_REQUEST"};
  if (!command.has_open_input())
    throw http_error{500, "internal server error: the command has not begun: others of its session run before it"};
}

asio::awaitable<void> send_input(http::exchange& exchange, sessions_ptr all, http::path_parameters ids,
                                 http::budget_ptr bodies) {
  refuse_entrypoint(ids[0], "send input to");
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, request_limit);
  std::string data = read_session_request(body, "invalid body request: ", "INVALID_REQUEST_BODY", read_input);
  const auto command = all->command(ids[0], ids[1]);
  check_takes_input(*command);
  const bool was_taken = co_await session_command::send_input(command, std::move(data));
  if (!was_taken) check_takes_input(*command);
  http::response answer = empty_response(204);
  co_await exchange.respond(std::move(answer));
}

bool asks_to_follow(const http::request_head& head) {
  const http::query query{head.raw_query(), http::query_rules::strict};
  return query.find("follow") == "true";
}

asio::awaitable<void> show_log(http::exchange& exchange, sessions_ptr all, command_ptr command, output_format format) {
  if (exchange.head().headers.get("Upgrade") == "websocket") {
    const bool follows = asks_to_follow(exchange.head());
    co_await send_log_over_socket(exchange, command, format, follows, all->sockets());
    co_return;
  }
  co_await answer_with_log(exchange, command->log(), format);
}

asio::awaitable<void> show_command_log(http::exchange& exchange, sessions_ptr all, http::path_parameters ids) {
  const auto command = all->command(ids[0], ids[1]);
  const auto& headers = exchange.head().headers;
  const bool is_entrypoint = ids[0] == entrypoint_session_id;
  const auto format = is_entrypoint ? separate_output_format_of(headers) : output_format_of(headers);
  return show_log(exchange, all, command, format);
}

}  // namespace

void add_session_routes(http::router& routes, const sessions_ptr& all, http::budget_ptr bodies) {
  using parameters = http::path_parameters;
  const std::string base = "/process/session";
  const std::string command = base + "/{sessionId}/command/{commandId}";
  routes.add("POST", base, [all, bodies](http::exchange& exchange, const parameters&) {
    return create_session(exchange, all, bodies);
  });
  routes.add("GET", base, [all](http::exchange& exchange, const parameters&) { return list_sessions(exchange, all); });
  routes.add("GET", base + "/{sessionId}",
             [all](http::exchange& exchange, const parameters& ids) { return show_session(exchange, all, ids[0]); });
  routes.add("DELETE", base + "/{sessionId}",
             [all](http::exchange& exchange, const parameters& ids) { return delete_session(exchange, all, ids[0]); });
  routes.add("POST", base + "/{sessionId}/exec", [all, bodies](http::exchange& exchange, const parameters& ids) {
    return execute_in_session(exchange, all, ids[0], bodies);
  });
  routes.add("GET", base + "/entrypoint/logs", [all](http::exchange& exchange, const parameters&) {
    return show_command_log(exchange, all, {entrypoint_session_id, entrypoint_command_id});
  });
  routes.add("GET", command,
             [all](http::exchange& exchange, const parameters& ids) { return show_command(exchange, all, ids); });
  routes.add("GET", command + "/logs",
             [all](http::exchange& exchange, const parameters& ids) { return show_command_log(exchange, all, ids); });
  routes.add("POST", command + "/input", [all, bodies](http::exchange& exchange, const parameters& ids) {
    return send_input(exchange, all, ids, bodies);
  });
}

}  // namespace daytona::local::toolbox
