// What `process` does with terminals, and the handle of one.
#include "model/pty.hpp"

#include <daytona/process.hpp>
#include <daytona/pty.hpp>

#include <fmt/format.h>

#include <utility>

#include "client/pty_state.hpp"
#include "client/sandbox_core.hpp"
#include "client/toolbox_call.hpp"
#include "model/base64.hpp"
#include "protocol/arguments.hpp"
#include "protocol/url.hpp"

namespace daytona::inline v0 {

namespace {

using detail::api_request;
template <class T>
using awaitable = boost::asio::awaitable<T>;
using sandbox_pointer = std::shared_ptr<detail::sandbox_core>;

constexpr std::string_view pty_create_operation = "create PTY session";
constexpr std::string_view pty_connect_operation = "connect to PTY session";
constexpr std::string_view pty_list_operation = "list PTY sessions";
constexpr std::string_view pty_info_operation = "get PTY session info";
constexpr std::string_view pty_resize_operation = "resize PTY session";
constexpr std::string_view pty_kill_operation = "kill PTY session";

constexpr int largest_side = 1000;
constexpr const char* exit_control = "X-Daytona-Pty-Exit-Control";

std::string pty_path(std::string_view id, std::string_view action, std::string_view operation) {
  protocol::check_path_id(id, "session_id", operation);
  protocol::request_target target{"/process/pty"};
  target.segment(id).route(action);
  return std::move(target).text();
}

void check_size(const pty_size& size, std::string_view operation) {
  const bool fits = size.rows >= 1 && size.rows <= largest_side && size.cols >= 1 && size.cols <= largest_side;
  protocol::check_argument(fits, operation, fmt::format("rows and cols must be 1 to {}", largest_side));
}

/// The alphabet of URLs, without padding.
std::string base64url(std::string_view bytes) {
  auto text = model::encode_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

awaitable<pty_handle> connect(sandbox_pointer sandbox, std::string id, api_request request,
                              std::vector<std::string> subprotocols) {
  const auto settings = detail::web_socket_settings(sandbox->client->settings);
  auto socket = co_await detail::open_web_socket(sandbox, std::move(request), std::move(subprotocols), settings);
  auto state = std::make_shared<detail::pty_state>(std::move(sandbox), std::move(id), std::move(socket));
  co_return detail::pty_state::make(std::move(state));
}

awaitable<void> create_first(sandbox_pointer sandbox, std::string id, create_pty_options options) {
  model::create_pty_request body;
  body.id = std::move(id);
  body.cwd = std::move(options.cwd);
  body.envs = std::move(options.envs);
  body.cols = options.pty_size.cols;
  body.rows = options.pty_size.rows;
  api_request request{"POST", "/process/pty", pty_create_operation};
  request.body = model::to_json(body);
  const auto limit = detail::usual_timeout(*sandbox);
  co_await detail::perform_in_sandbox(std::move(sandbox), request, limit);
}

/// Creates and connects at once; a server that does not know how (before 0.205) is asked for one after the other.
awaitable<pty_handle> create(sandbox_pointer sandbox, std::string id, create_pty_options options) {
  protocol::request_target target{"/process/pty/create-connect"};
  target.query("id", id).query("cols", std::int64_t{options.pty_size.cols});
  target.query("rows", std::int64_t{options.pty_size.rows});
  if (!options.cwd.empty()) target.query("cwd", options.cwd);
  std::vector<std::string> subprotocols{exit_control};
  if (!options.envs.empty()) {
    const auto envs = model::to_json(options.envs);
    subprotocols.push_back("X-Daytona-Pty-Envs~" + base64url(envs));
  }
  api_request at_once{"GET", target.text(), pty_create_operation};
  at_once.explains_failure = false;  // a server that has no such route answers 404 too
  try {
    co_return co_await connect(sandbox, id, std::move(at_once), std::move(subprotocols));
  } catch (const not_found_error&) {
  }
  co_await create_first(sandbox, id, std::move(options));
  auto path = pty_path(id, "/connect", pty_create_operation);
  api_request then{"GET", std::move(path), pty_create_operation};
  then.idempotent = true;
  std::vector<std::string> offered{exit_control};
  co_return co_await connect(std::move(sandbox), std::move(id), std::move(then), std::move(offered));
}

awaitable<std::vector<pty_session_info>> list_ptys(sandbox_pointer sandbox) {
  std::string path("/process/pty");
  auto answer = co_await detail::get_from_toolbox<model::pty_session_list>(std::move(sandbox), std::move(path),
                                                                           pty_list_operation);
  co_return std::move(answer.sessions);
}

awaitable<pty_session_info> resize(sandbox_pointer sandbox, std::string_view id, pty_size size) {
  check_size(size, pty_resize_operation);
  api_request request{"POST", pty_path(id, "/resize", pty_resize_operation), pty_resize_operation};
  model::resize_pty_request body;
  body.cols = size.cols;
  body.rows = size.rows;
  request.body = model::to_json(body);
  request.idempotent = true;
  const auto limit = detail::usual_timeout(*sandbox);
  return detail::call_toolbox<pty_session_info>(std::move(sandbox), std::move(request), limit);
}

}  // namespace

awaitable<pty_handle> process::create_pty_session(std::string_view session_id, create_pty_options options) const {
  protocol::check_path_id(session_id, "session_id", pty_create_operation);
  check_size(options.pty_size, pty_create_operation);
  protocol::check_program_text(options.cwd, pty_create_operation, "cwd");
  protocol::check_environment(options.envs, pty_create_operation);
  return detail::as_call(create(core_, std::string(session_id), std::move(options)), pty_create_operation);
}

awaitable<pty_handle> process::connect_pty_session(std::string_view session_id) const {
  api_request request{"GET", pty_path(session_id, "/connect", pty_connect_operation), pty_connect_operation};
  request.idempotent = true;
  std::vector<std::string> offered{exit_control};
  auto connection = connect(core_, std::string(session_id), std::move(request), std::move(offered));
  return detail::as_call(std::move(connection), pty_connect_operation);
}

awaitable<std::vector<pty_session_info>> process::list_pty_sessions() const { return list_ptys(core_); }

awaitable<pty_session_info> process::get_pty_session_info(std::string_view session_id) const {
  return detail::get_from_toolbox<pty_session_info>(core_, pty_path(session_id, {}, pty_info_operation),
                                                    pty_info_operation);
}

awaitable<pty_session_info> process::resize_pty_session(std::string_view session_id, pty_size size) const {
  return resize(core_, session_id, size);
}

awaitable<void> process::kill_pty_session(std::string_view session_id) const {
  return detail::delete_from_toolbox(core_, pty_path(session_id, {}, pty_kill_operation), pty_kill_operation);
}

pty_handle::pty_handle() noexcept = default;
pty_handle::pty_handle(std::shared_ptr<detail::pty_state> state) : state_(std::move(state)) {}

const std::shared_ptr<detail::pty_state>& pty_handle::state() const {
  return detail::state_of(state_, "this PTY handle");
}

std::string pty_handle::session_id() const { return state()->id(); }
std::optional<int> pty_handle::exit_code() const { return state()->result().exit_code; }
std::optional<std::string> pty_handle::error() const { return state()->result().error; }
bool pty_handle::is_connected() const { return state()->is_connected(); }

awaitable<void> pty_handle::wait_for_connection() {
  return detail::as_call(detail::pty_state::wait_for_connection(state()), pty_connect_operation);
}
awaitable<std::optional<std::string>> pty_handle::next() {
  return detail::as_call(detail::pty_state::next(state()), pty_connect_operation);
}
awaitable<std::string> pty_handle::read() {
  return detail::as_call(detail::pty_state::read(state()), pty_connect_operation);
}
awaitable<void> pty_handle::send_input(std::string_view data) {
  return detail::as_call(detail::pty_state::send_input(state(), std::string(data)), pty_connect_operation);
}
awaitable<pty_session_info> pty_handle::resize(pty_size size) {
  return v0::resize(state()->sandbox(), state()->id(), size);
}
awaitable<pty_result> pty_handle::wait() {
  return detail::as_call(detail::pty_state::wait(state()), pty_connect_operation);
}
awaitable<void> pty_handle::kill() {
  return detail::delete_from_toolbox(state()->sandbox(), pty_path(state()->id(), {}, pty_kill_operation),
                                     pty_kill_operation);
}
awaitable<void> pty_handle::disconnect() {
  return detail::as_call(detail::pty_state::disconnect(state()), pty_connect_operation);
}

}  // namespace daytona::inline v0
