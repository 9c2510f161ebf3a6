#include "local/http/envelope.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "local/http/target.hpp"

namespace daytona::local::http {
namespace {

/// Length of the UTF-8 sequence that begins `text`, 0 if it is not one.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF)
    return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
  if (first >= 0xF0 && first <= 0xF4)
    return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

/// JSON is UTF-8: what is not becomes U+FFFD.
std::string json_text(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    valid += length > 0 ? text.substr(0, length) : std::string_view{"\xEF\xBF\xBD"};
    text.remove_prefix(length > 0 ? length : 1);
  }
  return valid;
}

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
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto milliseconds = now.time_since_epoch().count();
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, milliseconds % 1000);
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
