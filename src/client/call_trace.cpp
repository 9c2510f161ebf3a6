#include "client/call_trace.hpp"

namespace daytona::inline v0::detail {

namespace {

boost::system::error_code code_of(const net::operation& op, const attempt& result) {
  if (!result.failure) return {};
  switch (op.stopped()) {
    case net::stop_cause::deadline:
      return make_error_code(errc::timeout);
    case net::stop_cause::closed:
      return make_error_code(errc::client_closed);
    case net::stop_cause::caller:
      return result.cause;
    case net::stop_cause::none:
      break;
  }
  return make_error_code(*result.failure);
}

}  // namespace

void trace_attempt(const config& settings, net::operation& op, const api_request& request, const attempt& result) {
  if (!settings.on_trace) return;
  const auto& answer = result.reader.response();
  trace_event event;
  event.operation = request.operation;
  event.method = result.verb_of(request);
  event.url = result.url_of(request);
  event.attempt = result.number;
  event.status = result.failure ? 0 : answer.status;
  const auto id = answer.fields.find("X-Request-Id");
  const bool is_harmless = result.credential.empty() || (id && id->find(result.credential) == std::string_view::npos);
  if (id && is_harmless) event.request_id = *id;
  event.error = code_of(op, result);
  event.reused_connection = result.reused_connection;
  event.phases = op.take_phases();
  event.duration = op.clock().now() - result.began;
  try {
    settings.on_trace(event);
  } catch (...) {
    // a hook never changes a result
  }
}

}  // namespace daytona::inline v0::detail
