#include "client/attempt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "model/headers.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/redirect.hpp"

namespace daytona::inline v0::detail {

namespace {

[[noreturn]] void throw_answered(errc code, const std::string& what, const api_request& request, attempt& result) {
  auto details = details_of(request, result);
  details.answered = true;
  details.http_status = result.reader.response().status;
  details.phase = phase::none;
  protocol::throw_error(code, protocol::message_prefix(request.operation) + what, std::move(details));
}

}  // namespace

void attempt::append_target(std::string& text, const api_request& request) const {
  if (moved.count == 0)
    text.append(base.path).append(request.path);
  else
    text.append(moved.target);
}

std::string attempt::url_of(const api_request& request) const {
  auto text = base.origin();
  append_target(text, request);
  text.resize(std::min(text.find('?'), text.size()));
  return text;
}

void redact(std::string& text, std::string_view credential) {
  constexpr std::string_view mark = "[redacted]";
  constexpr std::size_t shortest_secret = 8;  // what is shorter may be a word of the text
  if (credential.size() < shortest_secret) return;
  for (auto at = text.find(credential); at != std::string::npos; at = text.find(credential, at + mark.size()))
    text.replace(at, credential.size(), mark);
}

error_details details_of(const api_request& request, attempt& result) {
  error_details details;
  details.operation = request.operation;
  details.phase = result.where;
  details.http_status = result.proxy_status;
  details.url = fmt::format("{} {}", result.verb_of(request), result.url_of(request));
  details.request_sent = result.request_sent;
  details.idempotent = request.idempotent;
  details.cause = result.cause;
  details.headers = result.reader.response().fields.copy();
  for (auto& [name, value] : details.headers) redact(value, result.credential);
  details.request_id = model::find_header(details.headers, "X-Request-Id");
  return details;
}

void follow(const api_request& request, attempt& result, redirection& moved) {
  std::string sent;
  result.append_target(sent, request);
  protocol::redirected_request asked;
  asked.base = &result.base;
  asked.verb = result.verb_of(request);
  asked.target = sent;
  asked.followed = moved.count;
  const auto& answer = result.reader.response();
  auto action = protocol::decide_redirect(asked, answer.status, answer.fields.find("Location").value_or(""));
  if (const auto* const login = std::get_if<protocol::login_required>(&action))
    throw_answered(errc::authentication, login->what, request, result);
  if (const auto* const refused = std::get_if<protocol::refuse_redirect>(&action))
    throw_answered(errc::unexpected_status, refused->what, request, result);
  auto& next = std::get<protocol::follow_redirect>(action);
  moved.target = std::move(next.target);
  moved.as_get = moved.as_get || next.as_get;
  ++moved.count;
}

void refuse_page(const api_request& request, attempt& result) {
  const auto type = result.reader.response().fields.find("Content-Type").value_or("");
  if (!model::starts_with_ignoring_case(type, "text/html")) return;
  throw_answered(errc::authentication,
                 "the server redirects to a page for people instead of taking the credentials; check the key, and that "
                 "config::api_url is that of the API",
                 request, result);
}

}  // namespace daytona::inline v0::detail
