#include "local/toolbox/service.hpp"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "daytona/version.hpp"
#include "local/http/byte_budget.hpp"
#include "local/http/envelope.hpp"
#include "local/http/router.hpp"
#include "local/toolbox/files/file_service.hpp"
#include "local/toolbox/identifiers.hpp"
#include "local/toolbox/interpreter/interpreter_service.hpp"
#include "local/toolbox/json_answer.hpp"
#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/process_service.hpp"
#include "local/toolbox/pty/pty_service.hpp"
#include "local/toolbox/session/session_service.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t header_limit = 1024 * 1024;
constexpr std::string_view files_folder = "/files/";  // the one path that a slash at the end does not change

asio::awaitable<void> answer(http::exchange& exchange, http::response response) {
  if (!exchange.head().headers.contains("X-Request-Id")) response.headers.set("X-Request-Id", new_uuid());
  co_await exchange.respond(std::move(response));
}

void add_info_routes(http::router& routes) {
  routes.add("GET", "/version", [](http::exchange& exchange, http::path_parameters) {
    return answer(exchange, json_member("version", api_level));
  });
  routes.add("GET", "/work-dir", [](http::exchange& exchange, http::path_parameters) {
    return answer(exchange, json_member("dir", current_directory()));
  });
  for (const char* path : {"/user-home-dir", "/project-dir"})
    routes.add("GET", path, [](http::exchange& exchange, http::path_parameters) {
      return answer(exchange, json_member("dir", home_directory()));
    });
}

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
      escaped.append("&#").append(std::to_string(static_cast<int>(c))).append(";");
    else
      escaped += c;
  }
  return escaped;
}

/// Where a path with a slash too many leads, if it leads anywhere.
std::optional<http::response> redirection(const http::router& routes, const http::request_head& head) {
  std::string path{head.raw_path()};
  if (path.size() < 2 || path.back() != '/' || path == files_folder) return std::nullopt;
  path.pop_back();
  if (!routes.find(head.method, path)) return std::nullopt;
  if (!head.raw_query().empty()) path.append("?").append(head.raw_query());
  const bool get = head.method == "GET";
  http::response redirected{get ? 301U : 307U,
                            get ? "<a href=\"" + html_text(path) + "\">Moved Permanently</a>.\n\n" : "",
                            "text/html; charset=utf-8"};
  redirected.headers.set("Location", path);
  return redirected;
}

asio::awaitable<void> route(const http::router& routes, http::exchange& exchange) {
  const auto& head = exchange.head();
  if (auto redirected = redirection(routes, head)) {
    co_await exchange.respond(std::move(*redirected));
    co_return;
  }
  // Neither a slash at the end nor two in a row lead to the path without.
  const auto path = head.raw_path();
  const bool odd_slashes = (path.ends_with('/') && path != files_folder) || path.find("//") != std::string_view::npos;
  const auto found = odd_slashes ? std::nullopt : routes.find(head.method, head.raw_path());
  if (found) {
    co_await (*found->handler)(exchange, found->parameters);
    co_return;
  }
  http::response unknown{404, "404 page not found", "text/plain"};
  co_await answer(exchange, std::move(unknown));
}

http::response error_answer(const http::http_error& error, const http::request_head* head) {
  if (head == nullptr) {
    const std::string status = std::to_string(error.status()) + " " + std::string{http::reason_phrase(error.status())};
    return {error.status(), status + ": " + error.message(), "text/plain; charset=utf-8"};
  }
  auto response = http::daemon_error_answer(error, head, "DAYTONA_DAEMON");
  if (!head->headers.contains("X-Request-Id")) response.headers.set("X-Request-Id", new_uuid());
  if (error.status() == 503) response.headers.set("Retry-After", "1");
  return response;
}

}  // namespace

std::string home_directory() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? "/" : home;
}

std::shared_ptr<const http::service> make_service(child_watcher& children, const memory_watch& memory,
                                                  const std::shared_ptr<sessions>& all_sessions,
                                                  const std::shared_ptr<ptys>& all_ptys,
                                                  const std::shared_ptr<code_contexts>& all_contexts,
                                                  const service_limits& limits) {
  const auto bodies = std::make_shared<http::byte_budget>(limits.bodies);
  const auto outputs = std::make_shared<http::byte_budget>(limits.outputs);
  const auto routes = std::make_shared<http::router>();
  add_info_routes(*routes);
  add_file_routes(*routes, bodies);
  add_interpreter_routes(*routes, all_contexts, bodies);
  add_process_routes(*routes, {children, memory, bodies, outputs});
  add_session_routes(*routes, all_sessions, bodies);
  add_pty_routes(*routes, all_ptys, bodies);

  const auto service = std::make_shared<http::service>();
  service->handle = [routes](http::exchange& exchange) { return route(*routes, exchange); };
  service->error_answer = error_answer;
  service->header_limit = header_limit;
  service->answers = std::make_shared<http::byte_budget>(limits.answers);
  // Only the control plane comes, and it ends what it has no more use for: an end from here could cross a request of its.
  service->idle_timeout = std::chrono::hours{24 * 365};
  return service;
}

}  // namespace daytona::local::toolbox
