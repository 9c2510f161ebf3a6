#include <daytona/process.hpp>

#include <utility>

#include "client/command_stream_state.hpp"
#include "client/sandbox_core.hpp"
#include "client/toolbox_call.hpp"
#include "model/execution.hpp"
#include "protocol/arguments.hpp"
#include "protocol/shell_quote.hpp"

namespace daytona::inline v0 {

namespace {

constexpr std::string_view exec_operation = "execute command";
constexpr std::string_view code_run_operation = "run code";

using sandbox_pointer = std::shared_ptr<detail::sandbox_core>;

boost::asio::awaitable<execute_response> execute(sandbox_pointer sandbox, std::string command, exec_options options) {
  protocol::check_program_text(options.cwd, exec_operation, "cwd");
  protocol::check_environment(options.env, exec_operation);
  model::execute_request body;
  body.command = std::move(command);
  body.cwd = std::move(options.cwd);
  body.envs = std::move(options.env);
  body.timeout = protocol::command_timeout(options.timeout, exec_operation);
  detail::api_request request{"POST", "/process/execute", exec_operation};
  request.body = model::to_json(body);
  return detail::call_toolbox<execute_response>(std::move(sandbox), std::move(request),
                                                detail::call_timeout(body.timeout));
}

boost::asio::awaitable<command_stream> start_stream(sandbox_pointer sandbox, std::string command,
                                                    exec_stream_options options) {
  auto state = std::make_shared<detail::command_stream_state>(std::move(sandbox), options.kill_on_cancel);
  co_await detail::command_stream_state::start(state, std::move(command), std::move(options));
  co_return detail::command_stream_state::make(std::move(state));
}

}  // namespace

boost::asio::awaitable<execute_response> process::exec(std::string_view command, exec_options options) const {
  protocol::check_command(command, exec_operation);
  return execute(core_, std::string(command), std::move(options));
}

boost::asio::awaitable<execute_response> process::exec(std::vector<std::string> argv, exec_options options) const {
  protocol::check_argument(!argv.empty(), exec_operation, "argv must hold at least the program");
  auto command = protocol::shell_command(argv, exec_operation);
  protocol::check_program_text(command, exec_operation, "command");
  return execute(core_, std::move(command), std::move(options));
}

boost::asio::awaitable<execute_response> process::code_run(std::string_view code, code_run_params params) const {
  protocol::check_argument(!code.empty(), code_run_operation, "code must not be empty");
  protocol::check_text(code, code_run_operation, "code");
  protocol::check_environment(params.env, code_run_operation);
  model::code_run_request body;
  body.code = code;
  body.language = model::to_string(core_->language);
  for (const auto& argument : params.argv) body.argv.push_back(protocol::shell_quote(argument, code_run_operation));
  body.envs = std::move(params.env);
  body.timeout = protocol::command_timeout(params.timeout, code_run_operation);
  detail::api_request request{"POST", "/process/code-run", code_run_operation};
  request.body = model::to_json(body);
  return detail::call_toolbox<execute_response>(core_, std::move(request), detail::call_timeout(body.timeout));
}

boost::asio::awaitable<command_stream> process::exec_stream(std::string_view command,
                                                            exec_stream_options options) const {
  protocol::check_command(command, detail::exec_stream_operation);
  protocol::check_program_text(options.cwd, detail::exec_stream_operation, "cwd");
  protocol::check_environment(options.env, detail::exec_stream_operation);
  return detail::as_call(start_stream(core_, std::string(command), std::move(options)), detail::exec_stream_operation);
}

}  // namespace daytona::inline v0
