#include "local/control/api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "local/control/create_request.hpp"
#include "local/control/descriptors.hpp"
#include "local/control/faults_api.hpp"
#include "local/control/list_query.hpp"
#include "local/control/random.hpp"
#include "local/control/snapshots.hpp"
#include "local/http/busy_service.hpp"
#include "local/http/envelope.hpp"
#include "local/http/http_error.hpp"
#include "local/http/target.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using http::exchange;
using http::http_error;
using http::path_parameters;

namespace {

constexpr std::size_t largest_body = 1024 * 1024;
constexpr std::size_t all_bodies = 32 * largest_body;
using sandboxes_ptr = std::shared_ptr<sandboxes>;

/// Half of the descriptors stay for sandboxes and for what is asked of these.
std::size_t most_clients() { return std::min(http::service{}.most_connections, most_descriptors() / 2); }

http::response json_answer(std::string body) { return http::response{200, std::move(body)}; }

template <class Object>
http::response json_object(const Object& object) {
  return json_answer(model::to_json(object));
}

http::route_handler constant(std::string body) {
  return [body](exchange& current, path_parameters) { return current.respond(json_answer(body)); };
}

asio::awaitable<void> create_sandbox(exchange& current, sandboxes_ptr all, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(current, largest_body);
  model::sandbox_data wanted = read_create_request(body);
  const model::sandbox_data made = co_await sandboxes::create(all, std::move(wanted));
  co_await current.respond(json_object(made));
}

asio::awaitable<void> get_sandbox(exchange& current, sandboxes_ptr all, std::string id) {
  co_await current.respond(json_object(all->get(id)));
}

asio::awaitable<void> start_sandbox(exchange& current, sandboxes_ptr all, std::string id) {
  const model::sandbox_data started = co_await sandboxes::start(all, std::move(id));
  co_await current.respond(json_object(started));
}

asio::awaitable<void> recover_sandbox(exchange& current, sandboxes_ptr all, std::string id) {
  const http::query query{current.head().raw_query()};
  const bool skip_start = query.find("skipStart") == "true";
  const model::sandbox_data recovered = co_await sandboxes::recover_one(all, std::move(id), skip_start);
  co_await current.respond(json_object(recovered));
}

asio::awaitable<void> stop_sandbox(exchange& current, sandboxes_ptr all, std::string id) {
  const http::query query{current.head().raw_query()};
  const bool force = query.find("force") == "true";
  const model::sandbox_data stopping = co_await sandboxes::stop(all, std::move(id), force);
  co_await current.respond(json_object(stopping));
}

asio::awaitable<void> remove_sandbox(exchange& current, sandboxes_ptr all, std::string id) {
  const model::sandbox_data removed = co_await sandboxes::remove(all, std::move(id));
  co_await current.respond(json_object(removed));
}

asio::awaitable<void> put_labels(exchange& current, sandboxes_ptr all, std::string id, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(current, largest_body);
  auto labels = read_labels_request(body);
  const model::sandbox_data changed = all->set_labels(id, std::move(labels));
  co_await current.respond(json_object(changed));
}

asio::awaitable<void> note_activity(exchange& current, sandboxes_ptr all, std::string id) {
  all->touch(id);
  http::response created;
  created.status = 201;
  co_await current.respond(std::move(created));
}

asio::awaitable<void> list_sandboxes(exchange& current, sandboxes_ptr all) {
  const list_query query = read_cursor_query(http::query{current.head().raw_query()});
  const cursor_page page = page_behind_cursor(query, all->all(query.failed_removals));
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.key("items");
  out.begin_array();
  for (const auto* sandbox : page.items) model::write_list_item(out, *sandbox);
  out.end_array();
  out.key("nextCursor");
  if (page.next_cursor.empty())
    out.null();
  else
    out.value(page.next_cursor);
  out.end_object();
  co_await current.respond(json_answer(std::move(text)));
}

asio::awaitable<void> page_sandboxes(exchange& current, sandboxes_ptr all) {
  const list_query query = read_page_query(http::query{current.head().raw_query()});
  const sandbox_list found = matching(query, all->all(query.failed_removals));
  const std::size_t first = std::min(found.size(), (query.page - 1) * query.limit);
  const std::size_t last = std::min(found.size(), first + query.limit);
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.key("items");
  out.begin_array();
  for (std::size_t i = first; i < last; ++i) model::write(out, *found[i]);
  out.end_array();
  out.member("total", static_cast<std::int64_t>(found.size()));
  out.member("page", static_cast<std::int64_t>(query.page));
  out.member("totalPages", static_cast<std::int64_t>((found.size() + query.limit - 1) / query.limit));
  out.end_object();
  co_await current.respond(json_answer(std::move(text)));
}

asio::awaitable<void> get_snapshot(exchange& current, std::string made_at, std::string name_or_id) {
  const auto* snapshot = find_snapshot(name_or_id);
  if (!snapshot) throw http_error{404, fmt::format("Snapshot {} not found", name_or_id)};
  std::string text;
  model::json_writer out{text};
  write(out, *snapshot, made_at);
  co_await current.respond(json_answer(std::move(text)));
}

bool is_below_toolbox(const http::request_head& head) {
  const auto segments = http::path_segments(head.raw_path());
  return !segments.empty() && segments.front() == "toolbox";
}

}  // namespace

http::response api::error_answer(const http_error& error, const http::request_head* head) {
  const bool of_toolbox = head && is_below_toolbox(*head);
  http::response told =
      of_toolbox ? http::daemon_error_answer(error, head, "DAYTONA_PROXY") : http::api_error_answer(error, head);
  if (error.status() == 503) told.headers.set("Retry-After", "1");
  return told;
}

api::api(std::shared_ptr<sandboxes> sandboxes, platform platform, std::string key, std::shared_ptr<fault_list> faults)
    : sandboxes_{std::move(sandboxes)},
      platform_{std::move(platform)},
      key_{std::move(key)},
      toolbox_proxy_{sandboxes_, most_clients() / 4 * 3},
      faults_{std::move(faults)},
      bodies_{std::make_shared<http::byte_budget>(all_bodies)} {
  add_fault_routes(fault_routes_, faults_, bodies_);
  add_routes();
  add_sandbox_routes();
}

std::shared_ptr<const http::service> api::service() {
  auto made = std::make_shared<http::service>();
  made->handle = [self = shared_from_this()](exchange& current) { return answer(self, current); };
  made->error_answer = error_answer;
  made->most_connections = most_clients();
  made->when_full = http::busy_service(*made);
  made->spare_descriptors = [all = sandboxes_] { return all->drop_idle_connections(); };
  return made;
}

asio::awaitable<void> api::answer(std::shared_ptr<api> self, exchange& exchange) {
  const auto& head = exchange.head();
  if (head.method == "CONNECT") {
    exchange.end_connection();  // whoever takes this for a proxy sends bytes that are no requests
    throw http_error{400, "this server is no proxy: it makes no tunnels"};
  }
  if (self->authenticated(head)) {
    if (const auto found = self->fault_routes_.find(head.method, head.raw_path())) {
      co_await (*found->handler)(exchange, found->parameters);
      co_return;
    }
    if (auto befalling = self->faults_->befall(head.method, head.raw_path())) {
      co_await self->answer_disturbed(exchange, std::move(*befalling));
      co_return;
    }
  }
  co_await self->carry_out(exchange);
}

asio::awaitable<void> api::carry_out(exchange& exchange) const {
  const auto& head = exchange.head();
  if (const auto open = public_routes_.find(head.method, head.raw_path())) {
    co_await (*open->handler)(exchange, open->parameters);
    co_return;
  }
  const bool to_toolbox = is_below_toolbox(head);
  if (!authenticated(head))
    throw http_error{401, to_toolbox ? "unauthorized: invalid credentials" : "Invalid credentials"};
  if (to_toolbox) {
    co_await toolbox_proxy_.serve(exchange);
    co_return;
  }
  const auto found = routes_.find(head.method, head.raw_path());
  if (!found) throw http_error{404, fmt::format("Cannot {} {}", head.method, head.raw_path())};
  co_await (*found->handler)(exchange, found->parameters);
}

bool api::authenticated(const http::request_head& head) const {
  constexpr std::string_view scheme = "bearer ";
  if (head.headers.count("Authorization") != 1) return false;  // of two, whoever is in front may have judged the other
  const auto value = head.headers.get("Authorization");
  return value.size() > scheme.size() && http::equal_ignoring_case(value.substr(0, scheme.size()), scheme) &&
         equal_in_constant_time(value.substr(scheme.size()), key_);
}

void api::add_routes() {
  public_routes_.add("GET", "/api/config", [about = platform_, all = sandboxes_](exchange& current, path_parameters) {
    return current.respond(json_answer(about.configuration(all->on_changed_base())));
  });
  public_routes_.add("GET", "/api/health", constant(R"({"status":"ok"})"));
  public_routes_.add("GET", "/health", constant(R"({"status":"ok"})"));
  public_routes_.add("GET", "/api/shared-regions", constant(platform_.regions()));
  public_routes_.add("GET", "/api/socket.io", [](exchange&, path_parameters) -> asio::awaitable<void> {
    throw http_error{404, "this local backend has no event channel: poll instead"};
    co_return;
  });

  routes_.add("GET", "/api/api-keys/current", constant(platform_.current_key()));
  routes_.add("GET", "/api/organizations", constant(platform_.organizations()));
  routes_.add("GET", "/api/regions", constant(platform_.regions()));
  routes_.add("GET", "/api/snapshots", constant(platform_.snapshots()));
  routes_.add("GET", "/api/snapshots/{snapshot}",
              [made_at = platform_.made_at](exchange& current, path_parameters path) {
                return get_snapshot(current, made_at, path.front());
              });
}

void api::add_sandbox_routes() {
  using with_all = asio::awaitable<void> (*)(exchange&, sandboxes_ptr);
  using with_one = asio::awaitable<void> (*)(exchange&, sandboxes_ptr, std::string);
  const auto add_for_all = [this](std::string_view method, std::string_view pattern, with_all handler) {
    routes_.add(method, pattern,
                [all = sandboxes_, handler](exchange& current, path_parameters) { return handler(current, all); });
  };
  const auto add_for_one = [this](std::string_view method, std::string_view pattern, with_one handler) {
    routes_.add(method, pattern, [all = sandboxes_, handler](exchange& current, path_parameters path) {
      return handler(current, all, path.front());
    });
  };
  routes_.add("POST", "/api/sandbox",
              [this](exchange& current, path_parameters) { return create_sandbox(current, sandboxes_, bodies_); });
  add_for_all("GET", "/api/sandbox", list_sandboxes);
  add_for_all("GET", "/api/sandbox/paginated", page_sandboxes);
  add_for_one("GET", "/api/sandbox/{sandbox}", get_sandbox);
  add_for_one("DELETE", "/api/sandbox/{sandbox}", remove_sandbox);
  add_for_one("POST", "/api/sandbox/{sandbox}/start", start_sandbox);
  add_for_one("POST", "/api/sandbox/{sandbox}/stop", stop_sandbox);
  add_for_one("POST", "/api/sandbox/{sandbox}/recover", recover_sandbox);
  routes_.add("PUT", "/api/sandbox/{sandbox}/labels", [this](exchange& current, path_parameters path) {
    return put_labels(current, sandboxes_, path.front(), bodies_);
  });
  add_for_one("POST", "/api/sandbox/{sandbox}/last-activity", note_activity);
  routes_.add("GET", "/api/sandbox/{sandbox}/toolbox-proxy-url",
              [all = sandboxes_, url = platform_.toolbox_url()](exchange& current, path_parameters path) {
                all->get(path.front());
                model::url_answer answer;
                answer.url = url;
                return current.respond(json_object(answer));
              });
}

}  // namespace daytona::local
