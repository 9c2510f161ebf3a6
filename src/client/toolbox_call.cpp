#include "client/toolbox_call.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/sandbox_probe.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::inline v0::detail {

namespace {

[[noreturn]] void throw_unusable(const sandbox_core& sandbox, std::string_view operation, const std::string& why) {
  error_details details;
  details.operation = operation;
  details.sandbox_id = sandbox.id;
  const auto text = fmt::format("{}the server gave a toolbox address {}; report it to its operator",
                                protocol::message_prefix(operation), why);
  protocol::throw_error(errc::invalid_response, text, std::move(details));
}

/// The base of a sandbox's toolbox, from the address that the server gave.
protocol::base_url read_toolbox(const sandbox_core& sandbox, const std::string& proxy_url, std::string_view operation) {
  auto url = protocol::parse_base_url(proxy_url);
  if (!url) throw_unusable(sandbox, operation, "that is no URL: " + url.error().what);
  if (sandbox.client->api.is_tls && !url->is_tls)
    throw_unusable(sandbox, operation, "without TLS, where the API key is not sent");
  protocol::request_target path{url->path};
  url->path = path.segment(sandbox.id).text();
  return *std::move(url);
}

/// The same, read once for each address.
std::shared_ptr<const protocol::base_url> toolbox_of(sandbox_core& sandbox, const std::string& proxy_url,
                                                     std::string_view operation) {
  auto known = sandbox.toolbox_at(proxy_url);
  if (known) return known;
  auto base = std::make_shared<const protocol::base_url>(read_toolbox(sandbox, proxy_url, operation));
  sandbox.remember_toolbox(proxy_url, base);
  return base;
}

/// Older servers tell the address only when asked. One call asks, and those that come meanwhile wait for what it is told; if it fails, the next one asks.
awaitable<void> ask_toolbox_url(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op,
                                std::string_view operation) {
  const net::tighter_deadline limit{*op, sandbox->client->settings.request_timeout};
  net::turnstile::place line{sandbox->toolbox_question, *op};
  net::error_code ec;
  op->enter(phase::waiting_for_connection);
  co_await line.wait(*op, ec);
  if (ec) throw_stopped_in(*sandbox, *op, operation);
  if (!sandbox->data()->toolbox_proxy_url.empty()) co_return;

  api_request request{"GET", sandbox_path(sandbox->id, "/toolbox-proxy-url"), operation};
  request.idempotent = true;
  const auto answer = co_await perform(sandbox->client, op, request);
  auto data = *sandbox->data();
  data.toolbox_proxy_url = decode<model::url_answer>(answer, request).url;
  sandbox->update(std::move(data));
}

}  // namespace

std::optional<std::chrono::nanoseconds> call_timeout(std::optional<std::int64_t> command_seconds) {
  if (!command_seconds || *command_seconds == 0) return std::nullopt;
  return std::chrono::seconds(*command_seconds) + server_grace;
}

std::optional<std::chrono::nanoseconds> usual_timeout(const sandbox_core& sandbox) {
  const auto timeout = sandbox.client->settings.request_timeout;
  if (timeout.count() == 0) return std::nullopt;
  return timeout;
}

std::optional<std::chrono::nanoseconds> time_left(const sandbox_core& sandbox, const net::timers& clock,
                                                  std::optional<net::steady_time> deadline) {
  const auto usual = usual_timeout(sandbox);
  if (!deadline) return usual;
  const auto left = std::max<std::chrono::nanoseconds>(*deadline - clock.now(), std::chrono::nanoseconds(0));
  return usual ? std::min(*usual, left) : left;
}

void throw_stopped_in(const sandbox_core& sandbox, const net::operation& op, std::string_view operation) {
  error_details details;
  details.operation = operation;
  details.phase = op.where();
  details.sandbox_id = sandbox.id;
  throw_stopped(op, protocol::message_prefix(operation), std::move(details));
}

awaitable<api_answer> perform_in_sandbox(std::shared_ptr<sandbox_core> sandbox, api_request& request,
                                         std::optional<std::chrono::nanoseconds> timeout) {
  const auto operation = request.operation;
  std::shared_ptr<net::operation> op;
  std::exception_ptr failure;
  try {
    auto executor = co_await asio::this_coro::executor;
    auto cancellation = co_await asio::this_coro::cancellation_state;
    op = make_operation(*sandbox->client, std::move(executor), cancellation, timeout, operation);
    if (sandbox->data()->toolbox_proxy_url.empty()) co_await ask_toolbox_url(sandbox, op, operation);
    request.toolbox = toolbox_of(*sandbox, sandbox->data()->toolbox_proxy_url, operation);
    co_return co_await perform(sandbox->client, op, request);
  } catch (...) {
    failure = std::current_exception();
  }
  if (request.explains_failure && is_worth_a_probe(failure)) {
    try {
      co_await explain_by_state(sandbox, op, failure, operation);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  rethrow_told(failure, operation);
}

awaitable<void> tell_toolbox(std::shared_ptr<sandbox_core> sandbox, api_request request) {
  const auto limit = usual_timeout(*sandbox);
  co_await perform_in_sandbox(std::move(sandbox), request, limit);
}

awaitable<void> delete_from_toolbox(std::shared_ptr<sandbox_core> sandbox, std::string path,
                                    std::string_view operation) {
  api_request request{"DELETE", std::move(path), operation};
  request.idempotent = true;
  return tell_toolbox(std::move(sandbox), std::move(request));
}

}  // namespace daytona::inline v0::detail
