#include "local/toolbox/interpreter/interpreter_service.hpp"

#include <stdexcept>
#include <utility>

#include "local/http/body_share.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/interpreter/execution_socket.hpp"
#include "local/toolbox/json_answer.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/request_fields.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using all_contexts = std::shared_ptr<code_contexts>;

constexpr std::size_t longest_context_request = 1024 * 1024;
constexpr std::string_view only_language = "python";

/// The directory that is asked for.
std::string read_context_request(const std::string& body) {
  try {
    const request_fields fields{body};
    if (fields.has("language") && fields.text("language") != only_language)
      throw std::invalid_argument{"unsupported language: '" + fields.text("language") + "'; there is only python"};
    auto directory = fields.text("cwd");
    if (directory.find('\0') != std::string::npos) throw std::invalid_argument{"cwd must not contain NUL"};
    return directory;
  } catch (const std::invalid_argument& refused) {
    throw http::http_error{400, std::string{"bad request: "} + refused.what(), "BAD_REQUEST"};
  }
}

void write_context(model::json_writer& out, const code_context& context) {
  const auto& directory = context.directory();
  out.begin_object();
  out.member("id", context.id());
  out.member("cwd", directory.empty() ? current_directory() : directory);
  out.member("createdAt", context.created_at());
  out.member("active", context.is_active());
  out.member("language", only_language);
  out.end_object();
}

asio::awaitable<void> create_context(http::exchange& exchange, all_contexts all, http::budget_ptr bodies) {
  http::body_share share{std::move(bodies)};
  const std::string body = co_await share.read(exchange, longest_context_request);
  const auto made = all->create(read_context_request(body));
  std::string text;
  model::json_writer out{text};
  write_context(out, *made);
  http::response answer{200, std::move(text)};
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> list_contexts(http::exchange& exchange, all_contexts all) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.key("contexts");
  out.begin_array();
  for (const auto& each : all->all()) write_context(out, *each);
  out.end_array();
  out.end_object();
  http::response answer{200, std::move(text)};
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> delete_context(http::exchange& exchange, all_contexts all, std::string id) {
  co_await code_contexts::remove(all, std::move(id));
  http::response answer = json_member("message", "Context deleted successfully");
  co_await exchange.respond(std::move(answer));
}

}  // namespace

void add_interpreter_routes(http::router& routes, const all_contexts& all, http::budget_ptr bodies) {
  using parameters = http::path_parameters;
  const std::string context = "/process/interpreter/context";
  routes.add("POST", context, [all, bodies](http::exchange& exchange, const parameters&) {
    return create_context(exchange, all, bodies);
  });
  routes.add("GET", context,
             [all](http::exchange& exchange, const parameters&) { return list_contexts(exchange, all); });
  routes.add("DELETE", context + "/{id}",
             [all](http::exchange& exchange, const parameters& ids) { return delete_context(exchange, all, ids[0]); });
  routes.add("GET", "/process/interpreter/execute", [all, bodies](http::exchange& exchange, const parameters&) {
    return execute_over_socket(exchange, all, bodies);
  });
}

}  // namespace daytona::local::toolbox
