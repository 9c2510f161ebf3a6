#include "client/attempt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "client/authorization.hpp"
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
  auto text = protocol::message_prefix(request.operation) + what;
  redact(text, result.credential);
  protocol::throw_error(code, text, std::move(details));
}

/// The header of `answer`, as errors tell it.
void tell_header(error_details& details, const protocol::http_response& answer, std::string_view credential) {
  details.headers = answer.fields.copy();
  for (auto& [name, value] : details.headers) redact(value, credential);
  details.request_id = model::find_header(details.headers, "X-Request-Id");
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
  redact(text, credential);  // a redirect may have put it there
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
  tell_header(details, result.reader.response(), result.credential);
  return details;
}

void throw_undecodable(const api_answer& answer, const api_request& request, const model::decode_failure& failure) {
  const auto& base = request.toolbox ? *request.toolbox : answer.core->api;
  const std::string_view fixed = fixed_credential(answer.core->settings);
  const std::string_view credential = fixed.empty() ? std::string_view(answer.renewed_token) : fixed;
  error_details details;
  details.operation = request.operation;
  details.phase = phase::body;
  details.http_status = answer.status;
  tell_header(details, answer, credential);
  details.url =
      fmt::format("{} {}{}{}", request.verb, base.origin(), base.path, request.path.substr(0, request.path.find('?')));
  details.request_sent = true;
  details.idempotent = request.idempotent;
  auto why = failure.what;  // with names of members, which are the server's words
  redact(why, credential);
  const auto text = fmt::format("{}the answer can't be read: {}; check that the URL is that of a Daytona API",
                                protocol::message_prefix(request.operation), protocol::presentable(why));
  protocol::throw_error(errc::invalid_response, text, std::move(details));
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
