#include "local/control/faults_api.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "local/control/body_reader.hpp"
#include "local/http/http_error.hpp"
#include "model/json_writer.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using http::exchange;
using http::http_error;
using http::path_parameters;
using model::json_writer;

namespace {

constexpr std::size_t largest_body = 1024 * 1024;
constexpr std::array<std::string_view, 12> members{
    "method", "path",     "skip",    "count", "delayMs",        "endSandboxAfterMs",
    "status", "carryOut", "headers", "body",  "bytesPerSecond", "cutAfter"};

std::optional<std::uint64_t> whole(body_reader& body, std::string_view name) {
  const auto value = body.integer(name);
  if (value && *value < 0) body.violate(fmt::format("{} must not be less than 0", name));
  return value && *value >= 0 ? std::optional{static_cast<std::uint64_t>(*value)} : std::nullopt;
}

std::optional<std::chrono::milliseconds> milliseconds(body_reader& body, std::string_view name) {
  const auto value = whole(body, name);
  return value ? std::optional{std::chrono::milliseconds{*value}} : std::nullopt;
}

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

asio::awaitable<void> inject(exchange& current, std::shared_ptr<fault_list> faults) {
  const std::string body = co_await current.read_body(largest_body);
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

fault read_fault(std::string_view text) {
  body_reader body{text};
  body.allow_only(members);
  fault wanted;
  wanted.method = body.text("method").value_or("");
  wanted.path = body.text("path").value_or(wanted.path);
  wanted.skip = static_cast<std::size_t>(whole(body, "skip").value_or(wanted.skip));
  wanted.count = static_cast<std::size_t>(whole(body, "count").value_or(wanted.count));
  wanted.delay = milliseconds(body, "delayMs").value_or(wanted.delay);
  wanted.end_sandbox_after = milliseconds(body, "endSandboxAfterMs");
  if (const auto status = whole(body, "status")) wanted.status = static_cast<unsigned>(*status);
  wanted.carry_out = body.flag("carryOut").value_or(false);
  for (auto& [name, value] : body.text_map("headers").value_or(std::map<std::string, std::string>{}))
    wanted.headers.emplace_back(name, value);
  wanted.body = body.text("body");
  wanted.bytes_per_second = whole(body, "bytesPerSecond").value_or(0);
  wanted.cut_after = whole(body, "cutAfter");
  body.throw_violations();
  return wanted;
}

void add_fault_routes(http::router& routes, const std::shared_ptr<fault_list>& faults) {
  routes.add("POST", "/local/faults", [faults](exchange& current, path_parameters) { return inject(current, faults); });
  routes.add("GET", "/local/faults", [faults](exchange& current, path_parameters) { return list(current, faults); });
  routes.add("DELETE", "/local/faults",
             [faults](exchange& current, path_parameters) { return clear(current, faults); });
  routes.add("DELETE", "/local/faults/{fault}",
             [faults](exchange& current, path_parameters path) { return remove(current, faults, path.front()); });
}

}  // namespace daytona::local
