#include "local/control/faults_api.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "local/control/fault_body.hpp"
#include "local/http/http_error.hpp"
#include "model/json_writer.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using http::exchange;
using http::http_error;
using http::path_parameters;
using model::json_writer;

namespace {

constexpr std::size_t largest_fault = 1024 * 1024;

void write_options(json_writer& out, const fault& what) {
  if (what.delay.count() > 0) out.member("delayMs", std::int64_t{what.delay.count()});
  if (what.end_sandbox_after) out.member("endSandboxAfterMs", std::int64_t{what.end_sandbox_after->count()});
  if (what.status) {
    out.member("status", static_cast<std::int64_t>(*what.status));
    out.member("carryOut", what.carry_out);
    out.key("headers");
    out.begin_object();
    for (const auto& [name, value] : what.headers) out.member(name, value);
    out.end_object();
    if (what.body) out.member("body", *what.body);
  }
  if (what.bytes_per_second > 0) out.member("bytesPerSecond", static_cast<std::int64_t>(what.bytes_per_second));
  if (what.cut_after) out.member("cutAfter", static_cast<std::int64_t>(*what.cut_after));
}

void write(json_writer& out, const injected_fault& each) {
  out.begin_object();
  out.member("id", each.id);
  out.member("method", each.what.method);
  out.member("path", each.what.path);
  out.member("skip", static_cast<std::int64_t>(each.what.skip));
  out.member("count", static_cast<std::int64_t>(each.what.count));
  write_options(out, each.what);
  out.member("passed", static_cast<std::int64_t>(each.passed));
  out.member("befallen", static_cast<std::int64_t>(each.befallen));
  out.end_object();
}

asio::awaitable<void> inject(exchange& current, std::shared_ptr<fault_list> faults, http::budget_ptr bodies) {
  http::body_share share{bodies};
  const std::string body = co_await share.read(current, largest_fault);
  fault wanted = read_fault(body);
  try {
    faults->add(std::move(wanted));
  } catch (const std::invalid_argument& refused) {
    throw http_error{400, refused.what()};
  }
  std::string text;
  json_writer out{text};
  write(out, faults->all().back());
  http::response made{201, std::move(text)};
  co_await current.respond(std::move(made));
}

asio::awaitable<void> list(exchange& current, std::shared_ptr<fault_list> faults) {
  std::string text;
  json_writer out{text};
  out.begin_array();
  for (const auto& each : faults->all()) write(out, each);
  out.end_array();
  http::response found{200, std::move(text)};
  co_await current.respond(std::move(found));
}

asio::awaitable<void> remove(exchange& current, std::shared_ptr<fault_list> faults, std::string id) {
  if (!faults->remove(id)) throw http_error{404, fmt::format("Fault {} not found", id)};
  http::response done{204, ""};
  co_await current.respond(std::move(done));
}

asio::awaitable<void> clear(exchange& current, std::shared_ptr<fault_list> faults) {
  faults->clear();
  http::response done{204, ""};
  co_await current.respond(std::move(done));
}

}  // namespace

void add_fault_routes(http::router& routes, const std::shared_ptr<fault_list>& faults, http::budget_ptr bodies) {
  routes.add("POST", "/local/faults",
             [faults, bodies](exchange& current, path_parameters) { return inject(current, faults, bodies); });
  routes.add("GET", "/local/faults", [faults](exchange& current, path_parameters) { return list(current, faults); });
  routes.add("DELETE", "/local/faults",
             [faults](exchange& current, path_parameters) { return clear(current, faults); });
  routes.add("DELETE", "/local/faults/{fault}",
             [faults](exchange& current, path_parameters path) { return remove(current, faults, path.front()); });
}

}  // namespace daytona::local
