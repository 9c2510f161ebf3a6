#include "client/api_call.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <random>
#include <utility>

#include "client/attempt.hpp"
#include "client/authorization.hpp"
#include "client/call_trace.hpp"
#include "client/handshake.hpp"
#include "net/tls_context.hpp"
#include "protocol/arguments.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/redirect.hpp"
#include "protocol/retry.hpp"

namespace daytona::inline v0::detail {

namespace {

using core_pointer = std::shared_ptr<client_core>;
using operation_pointer = std::shared_ptr<net::operation>;

void append_traceparent(std::string& head, const config& settings) {
  if (!settings.traceparent) return;
  try {
    const auto parent = settings.traceparent();
    const bool usable = !parent.empty() && protocol::is_field_text(parent);
    if (usable) head.append("traceparent: ").append(parent).append("\r\n");
  } catch (...) {
    // a hook never changes a result
  }
}

/// Request line and fields, with the empty line.
void write_head(std::string& head, const client_core& core, const api_request& request, const attempt& result) {
  head.assign(result.verb_of(request)).append(" ");
  result.append_target(head, request);
  head.append(" HTTP/1.1\r\nHost: ").append(result.base.host_header);
  head.append("\r\nAuthorization: Bearer ").append(result.credential).append("\r\n").append(core.common_fields);
  append_traceparent(head, core.settings);
  if (request.body && !result.moved.as_get)
    head.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(request.body->size()))
        .append("\r\n");
  else if (result.verb_of(request) != "GET")
    head.append("Content-Length: 0\r\n");
  if (request.web_socket != nullptr) append_upgrade(head, *request.web_socket, result.web_socket_key);
  head.append("\r\n");
}

void note(attempt& result, net::connect_failure&& failure) {
  result.failure = failure.code;
  result.cause = failure.cause;
  result.what = std::move(failure.what);
  result.proxy_status = failure.proxy_status;
}

void note(attempt& result, const net::exchange_outcome& outcome) {
  result.failure = outcome.failure;
  result.cause = outcome.cause;
  result.request_sent = outcome.request_sent;
  const auto remedy = net::certificate_remedy(outcome.cause);
  if (remedy.empty()) return;
  result.failure = errc::tls_failed;
  result.what = fmt::format("the server ended TLS: {}; {}", outcome.cause.message(), remedy);
}

/// The cancellation of a caller who had been cancelled before, and went on, is seen by what it ended alone.
void note_caller(net::operation& op, const attempt& result) {
  const bool is_cancelled = result.cause == asio::error::operation_aborted && result.failure != errc::timeout;
  if (is_cancelled && op.stopped() == net::stop_cause::none) op.stop(net::stop_cause::caller);
}

/// Runs one attempt; all it is given outlives it. The caller's cancellation may end it by an exception; that is noted like any other stop.
awaitable<void> run(const core_pointer& core, net::operation& op, const api_request& request, attempt& result) {
  bool has_connection = false;
  try {
    result.credential = fixed_credential(core->settings);
    if (result.credential.empty()) {
      result.renewed_token = co_await renewed_token(core, op, request.operation);
      result.credential = result.renewed_token;
    }
    auto& directory = request.web_socket != nullptr ? core->handshakes : core->pools;
    const auto pool = directory.pool_of(op.executor());
    net::origin where{result.base.is_tls, result.base.host, result.base.port};
    net::connect_failure failure;
    auto lease = pool->take_kept(op, where);
    if (!lease) lease = co_await pool->acquire(op, std::move(where), failure);
    if (lease) {
      has_connection = true;
      result.reused_connection = lease.is_reused();
      auto& buffers = lease.buffers();
      if (request.web_socket != nullptr) result.web_socket_key = new_web_socket_key();
      write_head(buffers.out, *core, request, result);
      const std::string_view body = request.body && !result.moved.as_get ? *request.body : std::string_view();
      const auto awaited = request.web_socket != nullptr ? phase::upgrade : phase::headers;
      auto outcome = co_await net::exchange(op, lease.io(), buffers, body, result.reader, awaited);
      if (outcome.keep_alive && request.web_socket == nullptr) lease.keep();
      note(result, outcome);
      if (request.web_socket != nullptr && !result.failure)
        note_upgrade(result, *request.web_socket, lease, std::move(outcome.excess));
    } else {
      note(result, std::move(failure));
    }
  } catch (const boost::system::system_error& e) {
    const bool is_stopped = e.code() == asio::error::operation_aborted && op.stopped() != net::stop_cause::none;
    if (!is_stopped) throw;
    result.failure = errc::connection_lost;
    result.cause = e.code();
    result.request_sent = result.request_sent || (has_connection && op.where() >= phase::send);
  }
  result.where = op.where();
  note_caller(op, result);
}

protocol::attempt_outcome outcome_of(const error& e, unsigned attempt, const net::operation& op) {
  protocol::attempt_outcome outcome;
  outcome.attempt = attempt;
  outcome.is_transient = is_transient(e) && e.code() != errc::too_many_waiting;  // to wait again is what it forbids
  outcome.request_sent = e.details().request_sent;
  outcome.refused = e.code() == errc::rate_limit || (e.code() == errc::conflict && outcome.is_transient);
  outcome.idempotent = e.details().idempotent;
  outcome.retry_after = e.retry_after();
  outcome.deadline = op.deadline();
  return outcome;
}

/// The pause before the next attempt; throws the failure if there is none.
std::chrono::milliseconds pause_or_throw(const client_core& core, const net::operation& op, const api_request& request,
                                         attempt& result) {
  thread_local std::minstd_rand random{std::random_device{}()};
  try {
    throw_failure(op, request, result);
  } catch (const error& e) {
    if (op.stopped() != net::stop_cause::none) throw;
    const auto outcome = outcome_of(e, result.number, op);
    const auto action = protocol::decide_retry(core.settings.retry, outcome, op.clock().now(),
                                               std::generate_canonical<double, 32>(random));
    const auto* const again = std::get_if<protocol::retry_after>(&action);
    if (again == nullptr) throw;
    return again->wait;
  }
}

}  // namespace

std::string sandbox_path(std::string_view id_or_name, std::string_view action) {
  protocol::request_target target{"/sandbox"};
  target.segment(id_or_name).route(action);
  return std::move(target).text();
}

operation_pointer make_operation(client_core& core, asio::any_io_executor executor,
                                 asio::cancellation_state cancellation, std::optional<std::chrono::nanoseconds> timeout,
                                 std::string_view operation) {
  const bool is_traced = static_cast<bool>(core.settings.on_trace);
  auto op = std::make_shared<net::operation>(std::move(executor), cancellation, timeout, is_traced);
  if (!core.operations.add(*op)) {
    op->stop(net::stop_cause::closed);
    error_details details;
    details.operation = operation;
    throw_stopped(*op, protocol::message_prefix(operation), std::move(details));
  }
  return op;
}

awaitable<operation_pointer> begin_call(core_pointer core, std::optional<std::chrono::nanoseconds> timeout,
                                        std::string_view operation) {
  auto executor = co_await asio::this_coro::executor;
  auto cancellation = co_await asio::this_coro::cancellation_state;
  co_return make_operation(*core, std::move(executor), cancellation, timeout, operation);
}

awaitable<api_answer> perform(core_pointer core, operation_pointer op, const api_request& request) {
  if (!op) {
    auto executor = co_await asio::this_coro::executor;
    auto cancellation = co_await asio::this_coro::cancellation_state;
    const auto timeout = protocol::operation_timeout(core->settings.request_timeout, {});
    op = make_operation(*core, std::move(executor), cancellation, timeout, request.operation);
  }
  redirection moved;
  for (unsigned number = 1;;) {
    attempt result{*core, request, moved, number};
    result.began = op->clock().now();
    co_await run(core, *op, request, result);
    trace_attempt(core->settings, *op, request, result);
    auto& answer = result.reader.response();
    if (request.web_socket != nullptr && request.web_socket->io) co_return std::move(answer);
    if (!result.failure && answer.status >= 200 && answer.status < 300) {
      if (moved.count > 0) refuse_page(request, result);
      api_answer good{std::move(answer), core.get(), std::move(result.renewed_token)};
      co_return good;
    }
    if (!result.failure && protocol::is_redirect(answer.status)) {
      follow(request, result, moved);
      continue;
    }
    ++number;

    const auto pause = pause_or_throw(*core, *op, request, result);
    op->enter(phase::retry);
    net::error_code ec;
    co_await net::sleep_until(*op, op->clock().now() + pause, ec);
    result.where = phase::retry;
    if (ec) throw_stopped(*op, protocol::message_prefix(request.operation), details_of(request, result));
  }
}

void throw_stopped(const net::operation& op, const std::string& prefix, error_details details) {
  switch (op.stopped()) {
    case net::stop_cause::deadline:
      protocol::throw_error(errc::timeout, prefix + "the call's deadline passed; raise its timeout",
                            std::move(details));
    case net::stop_cause::closed:
      protocol::throw_error(errc::client_closed, prefix + "the client is closed; make another one", std::move(details));
    case net::stop_cause::caller:
    case net::stop_cause::none:
      break;
  }
  protocol::throw_error(asio::error::operation_aborted, prefix + "cancelled by the caller", std::move(details));
}

void rethrow_told(const std::exception_ptr& failure, std::string_view operation) {
  try {
    std::rethrow_exception(failure);
  } catch (const error&) {
    throw;
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  error_details details;
  details.operation = operation;
  protocol::throw_error(asio::error::operation_aborted, protocol::message_prefix(operation) + "cancelled by the caller",
                        std::move(details));
}

}  // namespace daytona::inline v0::detail
