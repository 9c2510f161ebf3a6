#include "local/http/envelope.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

#include "local/http/target.hpp"
#include "model/utf8.hpp"
#include "protocol/timestamps.hpp"

namespace daytona::local::http {
namespace {

/// JSON is UTF-8: what is not becomes U+FFFD.
std::string json_text(std::string_view text) { return model::replace_invalid_utf8(text); }

std::string decoded_path(const request_head* head) {
  if (!head) return {};
  auto decoded = percent_decoded(head->raw_path());
  return json_text(decoded ? *decoded : head->raw_path());
}

response json_answer(unsigned status, const boost::json::object& body) {
  return response{status, boost::json::serialize(body), "application/json"};
}

}  // namespace

std::string timestamp_now() {
  return protocol::format_timestamp(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

std::string_view generic_code(unsigned status) {
  switch (status) {
    case 400:
      return "BAD_REQUEST";
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 408:
      return "REQUEST_TIMEOUT";
    case 409:
      return "CONFLICT";
    case 410:
      return "GONE";
    case 413:
      return "PAYLOAD_TOO_LARGE";
    case 422:
      return "UNPROCESSABLE_ENTITY";
    case 429:
      return "TOO_MANY_REQUESTS";
    case 431:
      return "REQUEST_HEADER_FIELDS_TOO_LARGE";
    case 502:
      return "BAD_GATEWAY";
    case 503:
      return "SERVICE_UNAVAILABLE";
    default:
      return status < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR";
  }
}

response api_error_answer(const http_error& error, const request_head* head) {
  boost::json::object body;
  body["path"] = decoded_path(head);
  body["timestamp"] = timestamp_now();
  body["statusCode"] = error.status();
  body["error"] = reason_phrase(error.status());
  body["message"] = json_text(error.message());
  body["source"] = "DAYTONA_API";
  body["code"] = error.code().empty() ? std::string{generic_code(error.status())} : error.code();
  return json_answer(error.status(), body);
}

response daemon_error_answer(const http_error& error, const request_head* head, std::string_view source) {
  boost::json::object body;
  body["statusCode"] = error.status();
  body["message"] = json_text(error.message());
  body["code"] = error.code().empty() ? std::string{generic_code(error.status())} : error.code();
  body["source"] = source;
  body["timestamp"] = timestamp_now();
  body["path"] = decoded_path(head);
  if (head) body["method"] = head->method;
  return json_answer(error.status(), body);
}

}  // namespace daytona::local::http
