#include <daytona/code_interpreter.hpp>

#include <utility>

#include "client/run_code_state.hpp"
#include "client/sandbox_core.hpp"
#include "client/toolbox_call.hpp"
#include "model/interpreter.hpp"
#include "protocol/arguments.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0 {

namespace {

using detail::api_request;
template <class T>
using awaitable = boost::asio::awaitable<T>;
using sandbox_pointer = std::shared_ptr<detail::sandbox_core>;

using detail::run_operation;
constexpr std::string_view context_create_operation = "create interpreter context";
constexpr std::string_view context_list_operation = "list interpreter contexts";
constexpr std::string_view context_delete_operation = "delete interpreter context";
constexpr std::string_view contexts_path = "/process/interpreter/context";

model::run_code_request checked(std::string_view code, const run_code_options& options) {
  protocol::check_argument(!code.empty(), run_operation, "code must not be empty");
  protocol::check_text(code, run_operation, "code");
  protocol::check_environment(options.envs, run_operation);
  model::run_code_request request;
  request.code = code;
  if (options.context) request.context_id = options.context->id;
  request.envs = options.envs;
  request.timeout = protocol::command_timeout(options.timeout, run_operation).value_or(0);
  return request;
}

awaitable<execution_stream> start(sandbox_pointer sandbox, model::run_code_request request) {
  api_request opening{"GET", "/process/interpreter/execute", run_operation};
  opening.idempotent = true;  // nothing runs before the first message
  auto settings = detail::web_socket_settings(sandbox->client->settings);
  settings.longest_silence = std::chrono::milliseconds(0);  // while it waits behind others, the server answers no pings
  const auto socket = co_await detail::open_web_socket(sandbox, std::move(opening), {}, settings);
  auto state = std::make_shared<detail::run_code_state>(sandbox, socket);
  const auto op = co_await detail::begin_call(sandbox->client, detail::usual_timeout(*sandbox), run_operation);
  auto message = model::to_json(request);
  state->begin(op->clock().now(), std::chrono::seconds(request.timeout.value_or(0)));
  op->enter(phase::send);
  net::error_code ec;
  co_await net::web_socket::send(socket, op, net::web_socket::opcode::text, std::move(message), ec);
  if (op->stopped() != net::stop_cause::none) detail::throw_stopped_in(*sandbox, *op, run_operation);
  co_return detail::run_code_state::make(std::move(state));  // what else went wrong, the stream tells
}

/// What `error` says, with what the program had put out.
[[noreturn]] void throw_with_output(const error& failure, execution_result& so_far) {
  auto details = failure.details();
  details.stdout_ = std::move(so_far.stdout_);
  details.stderr_ = std::move(so_far.stderr_);
  protocol::throw_error(failure.code(), failure.message(), std::move(details));
}

awaitable<void> hand_out(execution_event event, const run_code_options& options, execution_result& result) {
  if (event.kind == execution_event::type::error) {
    result.error = std::move(event.error);
    if (options.on_error) co_await options.on_error(*result.error);
    co_return;
  }
  const bool is_stdout = event.kind == execution_event::type::stdout_;
  (is_stdout ? result.stdout_ : result.stderr_) += event.text;
  const auto& handler = is_stdout ? options.on_stdout : options.on_stderr;
  const output_message message{std::move(event.text)};
  if (handler) co_await handler(message);
}

awaitable<execution_result> run(sandbox_pointer sandbox, model::run_code_request request, run_code_options options) {
  execution_result result;
  std::optional<error> failure;
  auto stream = co_await start(std::move(sandbox), std::move(request));
  for (;;) {
    std::optional<execution_event> event;
    try {
      event = co_await stream.next();
    } catch (const error& e) {
      failure = e;
    }
    if (failure) throw_with_output(*failure, result);
    if (!event) co_return result;
    auto happened = *std::move(event);
    co_await hand_out(std::move(happened), options, result);
  }
}

awaitable<std::vector<interpreter_context>> list_contexts_of(sandbox_pointer sandbox) {
  std::string path(contexts_path);
  auto answer = co_await detail::get_from_toolbox<model::context_list>(std::move(sandbox), std::move(path),
                                                                       context_list_operation);
  co_return std::move(answer.contexts);
}

}  // namespace

awaitable<execution_result> code_interpreter::run_code(std::string_view code, run_code_options options) const {
  auto request = checked(code, options);
  return detail::as_call(run(core_, std::move(request), std::move(options)), run_operation);
}

awaitable<execution_stream> code_interpreter::stream_code(std::string_view code, run_code_options options) const {
  return detail::as_call(start(core_, checked(code, options)), run_operation);
}

awaitable<interpreter_context> code_interpreter::create_context(create_context_options options) const {
  protocol::check_program_text(options.cwd, context_create_operation, "cwd");
  model::create_context_request body;
  body.cwd = std::move(options.cwd);
  body.language = "python";
  api_request request{"POST", std::string(contexts_path), context_create_operation};
  request.body = model::to_json(body);
  const auto limit = detail::usual_timeout(*core_);
  return detail::call_toolbox<interpreter_context>(core_, std::move(request), limit);
}

awaitable<std::vector<interpreter_context>> code_interpreter::list_contexts() const { return list_contexts_of(core_); }

awaitable<void> code_interpreter::delete_context(const interpreter_context& context) const {
  protocol::check_path_id(context.id, "context.id", context_delete_operation);
  protocol::request_target target{contexts_path};
  target.segment(context.id);
  return detail::delete_from_toolbox(core_, std::move(target).text(), context_delete_operation);
}

}  // namespace daytona::inline v0
