// What an attempt without a usable answer is told as.
#include <fmt/format.h>

#include <utility>

#include "client/attempt.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::inline v0::detail {

namespace {

std::string_view remedy(const api_request& request, const attempt& result) {
  switch (*result.failure) {
    case errc::timeout:
      return "; raise config::connect_timeout, or look at the network";
    case errc::connection_failed:
      return "; check the URL, and that the service runs";
    case errc::proxy_failed:
      return "; check config::proxy (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)";
    case errc::connection_lost:
      return result.request_sent && !request.idempotent
                 ? "; the request may have taken effect: look before you repeat it"
                 : "; try again";
    case errc::response_too_large:
      return "; raise config::max_response_header or config::max_response_body";
    case errc::protocol_violation:
      return "; check that the URL is that of a Daytona API";
    default:
      return "";
  }
}

std::string text_of(const attempt& result) {
  if (!result.what.empty()) return result.what;
  switch (*result.failure) {
    case errc::connection_lost:
      return fmt::format("the connection ended before the answer was complete{}{}", result.cause ? ": " : "",
                         result.cause ? result.cause.message() : std::string());
    case errc::response_too_large:
      return "the answer is larger than its limit";
    case errc::protocol_violation:
      return "what came back is not a valid HTTP answer";
    default:
      return std::string(make_error_code(*result.failure).message());
  }
}

}  // namespace

void throw_failure(const net::operation& op, const api_request& request, attempt& result) {
  auto details = details_of(request, result);
  const auto prefix = protocol::message_prefix(request.operation);
  if (!result.failure) {
    auto& answer = result.reader.response();
    redact(answer.body, result.credential);
    protocol::failed_answer failed;
    failed.status = answer.status;
    failed.body = answer.body;
    failed.received = std::chrono::system_clock::now();
    protocol::throw_answer(request.toolbox ? protocol::service::toolbox : protocol::service::api, failed,
                           std::move(details));
  }
  if (op.stopped() != net::stop_cause::none) throw_stopped(op, prefix, std::move(details));
  protocol::throw_error(*result.failure, prefix + text_of(result) + std::string(remedy(request, result)),
                        std::move(details));
}

}  // namespace daytona::inline v0::detail
