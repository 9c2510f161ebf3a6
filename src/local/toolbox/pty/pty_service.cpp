#include "local/toolbox/pty/pty_service.hpp"

#include <utility>

#include "local/http/body_share.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/accepted_socket.hpp"
#include "local/toolbox/json_answer.hpp"
#include "local/toolbox/piecewise_answer.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/pty/pty_request.hpp"
#include "local/toolbox/pty/pty_socket.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;
using ptys_ptr = std::shared_ptr<ptys>;

constexpr std::size_t pty_body_limit = 1024 * 1024;

void write_pty(model::json_writer& out, const pty& terminal) {
  const auto& request = terminal.request();
  out.begin_object();
  out.member("id", request.id);
  out.member("cwd", request.cwd.empty() ? current_directory() : request.cwd);
  out.key("envs");
  out.begin_object();
  for (const auto& [name, value] : request.envs) out.member(name, value);
  out.end_object();
  out.member("cols", int{request.size.cols});
  out.member("rows", int{request.size.rows});
  out.member("createdAt", terminal.created_at());
  out.member("active", terminal.is_active());
  out.member("lazyStart", request.starts_lazily);
  out.end_object();
}

http::response pty_answer(const pty& terminal) {
  std::string text;
  model::json_writer out{text};
  write_pty(out, terminal);
  return {200, std::move(text)};
}

asio::awaitable<void> create_pty(http::exchange& exchange, ptys_ptr all, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, pty_body_limit);
  const auto made = all->create(read_create_body(body));
  http::response answer = json_member("sessionId", made->request().id, 201);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> list_ptys(http::exchange& exchange, ptys_ptr all) {
  piecewise_answer answer{exchange, "application/json; charset=utf-8"};
  answer.text() += "{\"sessions\":[";
  const auto found = all->all();
  for (const auto& each : found) {
    if (&each != &found.front()) answer.text() += ',';
    model::json_writer out{answer.text()};
    write_pty(out, *each);
    co_await answer.pass_on();
  }
  answer.text() += "]}";
  co_await answer.finish();
}

asio::awaitable<void> show_pty(http::exchange& exchange, ptys_ptr all, std::string id) {
  const auto found = all->find(id);
  if (!found) throw http_error{404, "not found: PTY session not found", "NOT_FOUND"};
  http::response answer = pty_answer(*found);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> delete_pty(http::exchange& exchange, ptys_ptr all, std::string id) {
  co_await ptys::remove(all, std::move(id));
  http::response answer = json_member("message", "PTY session deleted");
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> resize_pty(http::exchange& exchange, ptys_ptr all, std::string id, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(exchange, pty_body_limit);
  const auto size = read_resize_body(body);
  const auto found = all->find(id);
  if (!found) throw http_error{410, "gone: PTY session " + id + " not found", "GONE"};
  found->resize(size);
  http::response answer = pty_answer(*found);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> connect_pty(http::exchange& exchange, ptys_ptr all, std::string id) {
  const bool is_refused = co_await refuse_without_upgrade(exchange);
  if (is_refused) co_return;
  const auto found = all->find(id);
  if (found)
    co_await connect_to_pty(exchange, found, all->sockets());
  else
    co_await refuse_to_connect(exchange, "PTY session " + id + " not found");
}

asio::awaitable<void> create_and_connect_pty(http::exchange& exchange, ptys_ptr all) {
  const bool is_refused = co_await refuse_without_upgrade(exchange);
  if (is_refused) co_return;
  const auto made = all->create(read_create_connect(exchange.head()));
  co_await connect_to_pty(exchange, made, all->sockets());
}

}  // namespace

void add_pty_routes(http::router& routes, const ptys_ptr& all, http::budget_ptr bodies) {
  using parameters = http::path_parameters;
  const std::string base = "/process/pty";
  const std::string one = base + "/{sessionId}";
  routes.add("POST", base,
             [all, bodies](http::exchange& exchange, const parameters&) { return create_pty(exchange, all, bodies); });
  routes.add("GET", base, [all](http::exchange& exchange, const parameters&) { return list_ptys(exchange, all); });
  routes.add("GET", one,
             [all](http::exchange& exchange, const parameters& ids) { return show_pty(exchange, all, ids[0]); });
  routes.add("DELETE", one,
             [all](http::exchange& exchange, const parameters& ids) { return delete_pty(exchange, all, ids[0]); });
  routes.add("POST", one + "/resize", [all, bodies](http::exchange& exchange, const parameters& ids) {
    return resize_pty(exchange, all, ids[0], bodies);
  });
  routes.add("GET", one + "/connect",
             [all](http::exchange& exchange, const parameters& ids) { return connect_pty(exchange, all, ids[0]); });
  // An id that is this word can't be looked at, but is otherwise like any.
  routes.add("GET", base + "/create-connect",
             [all](http::exchange& exchange, const parameters&) { return create_and_connect_pty(exchange, all); });
}

}  // namespace daytona::local::toolbox
