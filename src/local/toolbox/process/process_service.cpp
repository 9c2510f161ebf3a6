#include "local/toolbox/process/process_service.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "local/http/body_share.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/piecewise_answer.hpp"
#include "local/toolbox/process/artifacts.hpp"
#include "local/toolbox/process/code_run.hpp"
#include "local/toolbox/process/command.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/request_fields.hpp"

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
asio::awaitable<command_result> run_watched(command what, const process_means& means,
                                            std::shared_ptr<command_output> output) {
  const auto before = means.memory.ended();
  const command_result result = co_await run_command(std::move(what), means.children, output);
  if (means.memory.ended() != before) output->add_note(means.memory.last_end());
  co_return result;
}

/// Begins the answer with the members of a result, both of them but for the end of the object.
asio::awaitable<void> write_result(piecewise_answer& answer, int exit_code, std::string_view output) {
  answer.text() += "{\"exitCode\":" + std::to_string(exit_code) + ",\"result\":";
  co_await write_json_text(answer, output);
}

asio::awaitable<void> execute(http::exchange& exchange, const process_means means) {
  http::body_share share{means.bodies};
  std::string body = co_await share.read(exchange, body_limit);
  command what = read_request(std::move(body), "bad request: invalid request body: ", "BAD_REQUEST", read_execute);
  if (is_blank(what.script))
    throw http::http_error(400, "bad request: command cannot be empty or whitespace-only", "BAD_REQUEST");
  check_environment(what.environment);

  const auto output = std::make_shared<command_output>(means.outputs);
  const command_result result = co_await run_watched(std::move(what), means, output);
  share.give_back();
  refuse_timeout(result);
  piecewise_answer answer{exchange, "application/json; charset=utf-8"};
  co_await write_result(answer, result.exit_code, output->text());
  answer.text() += '}';
  co_await answer.finish();
}

asio::awaitable<void> write_charts(piecewise_answer& answer, const std::vector<std::string>& charts) {
  answer.text() += ",\"artifacts\":{\"charts\":[";
  for (const auto& chart : charts) {
    if (&chart != &charts.front()) answer.text() += ',';
    answer.text() += chart;
    co_await answer.pass_on();
  }
  answer.text() += "]}";
}

asio::awaitable<void> code_run(http::exchange& exchange, const process_means means) {
  http::body_share share{means.bodies};
  std::string body = co_await share.read(exchange, body_limit);
  code_run_request request =
      read_request(std::move(body), "invalid body request: ", "INVALID_REQUEST_BODY", read_code_run);
  if (!is_supported(request.language))
    throw http::http_error(400, "bad request: unsupported language: " + request.language, "BAD_REQUEST");
  check_environment(request.environment);

  const auto output = std::make_shared<command_output>(means.outputs);
  prepared_run run = prepare_run(std::move(request));
  const command_result result = co_await run_watched(std::move(run.what), means, output);
  run.clean_up();
  share.give_back();
  refuse_timeout(result);
  const extracted_output extracted = extract_artifacts(output->release());
  piecewise_answer answer{exchange, "application/json; charset=utf-8"};
  co_await write_result(answer, result.exit_code, extracted.text);
  if (!extracted.charts.empty()) co_await write_charts(answer, extracted.charts);
  answer.text() += '}';
  co_await answer.finish();
}

}  // namespace

void add_process_routes(http::router& routes, const process_means& means) {
  routes.add("POST", "/process/execute",
             [means](http::exchange& exchange, const http::path_parameters&) { return execute(exchange, means); });
  routes.add("POST", "/process/code-run",
             [means](http::exchange& exchange, const http::path_parameters&) { return code_run(exchange, means); });
}

}  // namespace daytona::local::toolbox
