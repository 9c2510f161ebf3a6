#include "local/control/toolbox_proxy.hpp"

#include <fmt/format.h>

#include "daytona/error.hpp"
#include "local/control/forward.hpp"
#include "local/http/http_error.hpp"
#include "local/http/target.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using http::http_error;

namespace {

std::shared_ptr<running_sandbox> find_running(const sandboxes& all, std::string_view encoded_id) {
  const std::string id = http::percent_decoded(encoded_id).value_or(std::string{encoded_id});
  const model::sandbox_data* sandbox = nullptr;
  try {
    sandbox = &all.get(id);
  } catch (const http_error&) {
    throw http_error{404, fmt::format("not found: sandbox {} not found", id), "SANDBOX_NOT_FOUND"};
  }
  auto running = all.running(sandbox->id);
  if (!running)
    throw http_error{
        400, fmt::format("bad request: sandbox {} is not started: it is {}; start it first", id, sandbox->state),
        "SANDBOX_NOT_STARTED"};
  return running;
}

http_error unreachable(std::string_view why) {
  return http_error{502, fmt::format("bad gateway: the toolbox of this sandbox does not answer: {}", why),
                    "RUNNER_UNREACHABLE"};
}

/// The place that a request for an upgrade takes from its beginning to the end of what comes of it.
http::byte_share place_for(const http::request_head& head, const http::budget_ptr& upgraded) {
  http::byte_share place{upgraded};
  if (head.wants_upgrade() && !place.take(1))
    throw http_error{
        503,
        fmt::format("service unavailable: all {} WebSockets that this server has at once are in use: close "
                    "some, or try again in a moment",
                    upgraded->most()),
        "TOO_MANY_STREAMS"};
  return place;
}

forward_request prepare(const http::request_head& head, const toolbox_path& path) {
  forward_request request;
  request.target = path.rest.empty() ? "/" : std::string{path.rest};
  if (const auto query = head.raw_query(); !query.empty()) request.target += fmt::format("?{}", query);
  request.headers = head.headers;
  request.headers.erase("Authorization");
  request.headers.erase("X-Daytona-Preview-Token");
  request.edit_answer = [prefix = fmt::format("/toolbox/{}", path.id)](http::header_fields& headers) {
    const std::string location{headers.get("Location")};
    if (location.starts_with('/')) headers.set("Location", prefix + location);
  };
  return request;
}

}  // namespace

toolbox_path split_toolbox_path(std::string_view raw_path) {
  const auto skip_slashes = [&] { raw_path.remove_prefix(std::min(raw_path.find_first_not_of('/'), raw_path.size())); };
  skip_slashes();
  raw_path.remove_prefix(std::min(raw_path.find('/'), raw_path.size()));  // "toolbox"
  skip_slashes();
  const auto slash = std::min(raw_path.find('/'), raw_path.size());
  return {raw_path.substr(0, slash), raw_path.substr(slash)};
}

asio::awaitable<void> toolbox_proxy::serve(http::exchange& exchange) const {
  const auto& head = exchange.head();
  const auto path = split_toolbox_path(head.raw_path());
  const auto running = find_running(*sandboxes_, path.id);
  const auto place = place_for(head, upgraded_);
  if (head.headers.get("X-Daytona-Skip-Last-Activity-Update") != "true")
    sandboxes_->touch(http::percent_decoded(path.id).value_or(std::string{path.id}));

  std::shared_ptr<http::stream_socket> upstream;
  try {
    http::stream_socket socket = co_await running_sandbox::connect(running);
    upstream = std::make_shared<http::stream_socket>(std::move(socket));
  } catch (const daytona::error& error) {
    throw unreachable(error.what());
  }

  forward_request request = prepare(head, path);
  const forward_outcome outcome = co_await forward(exchange, upstream, std::move(request));
  if (!outcome.answered) throw unreachable(outcome.failure);
  if (outcome.reusable) running->give_back(std::move(*upstream));
}

}  // namespace daytona::local
