#include "local/toolbox/process/process_service.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "local/http/http_error.hpp"
#include "local/toolbox/process/artifacts.hpp"
#include "local/toolbox/process/code_run.hpp"
#include "local/toolbox/process/command.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/request_fields.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

// A program with its data inside is a body of megabytes; nobody sends one of gigabytes but to fill the memory.
constexpr std::size_t body_limit = 64 * 1024 * 1024;

bool is_blank(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; });
}

/// Reads a body by `read` and lets go of it; what is refused is a 400 that begins with `prefix`.
template <class Read>
auto read_request(std::string body, const std::string& prefix, const std::string& code, Read read) {
  try {
    return read(request_fields{body});
  } catch (const std::invalid_argument& refused) {
    throw http::http_error(400, prefix + refused.what(), code);
  }
}

command read_execute(const request_fields& fields) {
  command what;
  what.script = fields.text("command");
  what.cwd = fields.text("cwd");
  what.environment = fields.text_map("envs");
  what.timeout = fields.seconds("timeout");
  if (what.script.empty()) throw std::invalid_argument("command is required");
  return what;
}

code_run_request read_code_run(const request_fields& fields) {
  code_run_request what;
  what.code = fields.text("code");
  what.language = fields.text("language");
  what.arguments = fields.texts("argv");
  what.environment = fields.text_map("envs");
  what.timeout = fields.seconds("timeout");
  if (what.code.empty()) throw std::invalid_argument("code is required");
  if (what.language.empty()) throw std::invalid_argument("language is required");
  return what;
}

void refuse_timeout(const command_result& result) {
  if (result.timed_out)
    throw http::http_error(408, "request timeout: command execution timeout", "PROCESS_EXECUTION_TIMEOUT");
}

/// Runs a command, and says below its output if a process was ended for its memory meanwhile: it may have been the command's.
asio::awaitable<command_result> run_watched(command what, child_watcher& children, const memory_watch& memory) {
  const auto before = memory.ended();
  command_result result = co_await run_command(std::move(what), children);
  if (memory.ended() != before) result.output += "\n[daytona: " + memory.last_end() + "]\n";
  co_return result;
}

void write_result(model::json_writer& out, int exit_code, std::string_view output) {
  out.member("exitCode", exit_code);
  out.member("result", output);
}

asio::awaitable<void> execute(http::exchange& exchange, child_watcher& children, const memory_watch& memory,
                              http::body_budget& bodies) {
  http::body_share share{bodies};
  std::string body = co_await share.read(exchange, body_limit);
  command what = read_request(std::move(body), "bad request: invalid request body: ", "BAD_REQUEST", read_execute);
  if (is_blank(what.script))
    throw http::http_error(400, "bad request: command cannot be empty or whitespace-only", "BAD_REQUEST");
  check_environment(what.environment);

  const command_result result = co_await run_watched(std::move(what), children, memory);
  share.give_back();
  refuse_timeout(result);
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  write_result(out, result.exit_code, result.output);
  out.end_object();
  http::response answer{200, std::move(text)};
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> code_run(http::exchange& exchange, child_watcher& children, const memory_watch& memory,
                               http::body_budget& bodies) {
  http::body_share share{bodies};
  std::string body = co_await share.read(exchange, body_limit);
  code_run_request request =
      read_request(std::move(body), "invalid body request: ", "INVALID_REQUEST_BODY", read_code_run);
  if (!is_supported(request.language))
    throw http::http_error(400, "bad request: unsupported language: " + request.language, "BAD_REQUEST");
  check_environment(request.environment);

  prepared_run run = prepare_run(std::move(request));
  const command_result result = co_await run_watched(std::move(run.what), children, memory);
  run.clean_up();
  share.give_back();
  refuse_timeout(result);
  const extracted_output extracted = extract_artifacts(result.output);
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  write_result(out, result.exit_code, extracted.text);
  if (!extracted.charts.empty()) {
    out.key("artifacts");
    out.begin_object();
    out.key("charts");
    out.begin_array();
    for (const auto& chart : extracted.charts) out.raw(chart);
    out.end_array();
    out.end_object();
  }
  out.end_object();
  http::response answer{200, std::move(text)};
  co_await exchange.respond(std::move(answer));
}

}  // namespace

void add_process_routes(http::router& routes, child_watcher& children, const memory_watch& memory,
                        http::body_budget& bodies) {
  routes.add("POST", "/process/execute", [&](http::exchange& exchange, http::path_parameters) {
    return execute(exchange, children, memory, bodies);
  });
  routes.add("POST", "/process/code-run", [&](http::exchange& exchange, http::path_parameters) {
    return code_run(exchange, children, memory, bodies);
  });
}

}  // namespace daytona::local::toolbox
