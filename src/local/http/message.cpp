#include "local/http/message.hpp"

#include <algorithm>

namespace daytona::local::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(), lower);
  return made;
}

/// `http://host/path?query` → `/path?query`; an origin-form target as it is.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

void header_fields::add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }

void header_fields::set(std::string_view name, std::string_view value) {
  erase(name);
  add(name, value);
}

void header_fields::erase(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

std::size_t header_fields::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); }));
}

std::optional<std::string_view> header_fields::find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_)
    if (equal_ignoring_case(field_name, name)) return value;
  return std::nullopt;
}

std::vector<std::string_view> header_fields::tokens(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [field_name, value] : fields_) {
    if (!equal_ignoring_case(field_name, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto comma = rest.find(',');
      if (const auto token = without_blanks(rest.substr(0, comma)); !token.empty()) found.push_back(token);
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return found;
}

bool header_fields::has_token(std::string_view name, std::string_view token) const {
  const auto all = tokens(name);
  return std::ranges::any_of(all, [&](std::string_view each) { return equal_ignoring_case(each, token); });
}

/// Sorted, as there may be thousands of both.
void header_fields::erase_named_by(std::string_view name) {
  std::vector<std::string> named;
  for (const auto token : tokens(name)) named.push_back(lowered(token));
  std::ranges::sort(named);
  std::erase_if(fields_, [&](const auto& field) { return std::ranges::binary_search(named, lowered(field.first)); });
}

std::string_view request_head::raw_path() const {
  const auto whole = origin_form(target);
  const auto path = whole.substr(0, whole.find('?'));
  return path.empty() ? "/" : path;  // of a URL that ends with its host, or has a query only
}

std::string_view request_head::raw_query() const {
  const auto path = origin_form(target);
  const auto mark = path.find('?');
  if (mark == std::string_view::npos) return {};
  return path.substr(mark + 1);
}

response::response(unsigned status_code, std::string body_text, std::string_view content_type)
    : status{status_code}, body{std::move(body_text)} {
  headers.add("Content-Type", content_type);
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Payload Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Entity";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

}  // namespace daytona::local::http
